"""How a plan that was changed is answered."""

from typing import Any

from rest_framework import serializers

REFUSED = "refused"


class PlanningShown(serializers.Serializer[Any]):
    """A planning of a day, and what came of it."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(
        ["waiting", "running", "done", REFUSED, "failed"], help_text="Ask again until it is done."
    )
    moves = serializers.ListField(child=serializers.CharField(), help_text="What moved, once it is done.")
    refusal = serializers.CharField(help_text="Why nothing was planned, and what to do; else empty.")
