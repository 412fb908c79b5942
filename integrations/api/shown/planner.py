"""How a plan that was changed is answered."""

from rest_framework import serializers

from core.background import Progress

WAITING, RUNNING, DONE, REFUSED, FAILED = "waiting", "running", "done", "refused", "failed"


class PlanningShown(serializers.Serializer[Progress]):
    """A planning of a day, and what came of it."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField([WAITING, RUNNING, DONE, REFUSED, FAILED], help_text="Ask again until it is done.")
    moves = serializers.ListField(child=serializers.CharField(), help_text="What moved, once it is done.")
    refusal = serializers.CharField(help_text="Why nothing was planned, and what to do; else empty.")
