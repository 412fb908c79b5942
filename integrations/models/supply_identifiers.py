"""What other systems call that which they asked for."""

from django.db import models

from orders.models import OrderLine
from stations.models import User


class SupplyIdentifier(models.Model):
    """The identifier of a FHIR SupplyRequest by which somebody's system asked for a line: its own, so that two systems
    may count from one."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    system = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=100)
    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="identifiers")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "system", "value"], name="one_line_for_an_identifier"),
            models.CheckConstraint(condition=~models.Q(value=""), name="an_identifier_says_something"),
        ]
        indexes = [models.Index(fields=["value"], name="identifiers_by_value")]

    def __str__(self) -> str:
        return f"{self.system}|{self.value}" if self.system else self.value
