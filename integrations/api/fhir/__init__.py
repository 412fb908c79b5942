"""SupplyRequest and SupplyDelivery of FHIR R4: the same lines as elsewhere, in the words of hospitals."""
