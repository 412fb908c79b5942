"""Which item the codings of another system mean, and how many base units each of its codes stands for."""

from collections.abc import Sequence

from core.errors import DomainError
from integrations.api.fhir.outcomes import Issue, Unacceptable
from integrations.api.fhir.words import GTIN_SYSTEM, NDC_SYSTEM, SKU_SYSTEM
from inventory.codes import Scanned, read_code
from inventory.errors import AmbiguousCode, UnknownCode
from inventory.models import Item
from inventory.queries.codes import Found, find_by_code, look_up

WHERE = "SupplyRequest.item.coding"
KNOWN = (SKU_SYSTEM, NDC_SYSTEM, GTIN_SYSTEM, "")
FEW = 10


def item_of(codings: Sequence[tuple[str, str]]) -> tuple[Item, int]:
    """The one item that (system, code) pairs name, and the base units of one. A coding without a system is read as a
    scan; those of systems that nobody here knows are passed over. Refuses what names nothing, or two things."""
    asked = [(system, code) for system, code in codings if system in KNOWN][:FEW]
    if not asked:
        says = f"None of these codes is of a system that is known here: {', '.join(filter(None, KNOWN))}."
        raise Unacceptable([Issue("code-invalid", WHERE, says)])
    found: dict[tuple[int, int], Found] = {}
    issues = []
    for system, code in asked:
        try:
            one = _found(system, code)
        except DomainError as refusal:
            issues.append(Issue(_code_of(refusal), WHERE, str(refusal)))
        else:
            found[one.item.pk, one.quantity] = one
    if len(found) == 1:
        [one] = found.values()
        return one.item, one.quantity
    if found:
        names = "; ".join(sorted(str(one) for one in found.values()))
        raise Unacceptable([Issue("multiple-matches", WHERE, f"These codes name several things: {names}. Send one.")])
    raise Unacceptable(issues)


def _found(system: str, code: str) -> Found:
    if system == SKU_SYSTEM:
        return find_by_code(Scanned(code, sku=code))
    if system in (NDC_SYSTEM, GTIN_SYSTEM):
        return find_by_code(read_code(f"{'NDC' if system == NDC_SYSTEM else 'GTIN'} {code}"))
    return look_up(code)


def _code_of(refusal: DomainError) -> str:
    if isinstance(refusal, AmbiguousCode):
        return "multiple-matches"
    return "not-found" if isinstance(refusal, UnknownCode) else "code-invalid"
