"""How a change is told."""

from rest_framework import serializers

from integrations.api.serializers import Shown
from integrations.models import Change


class ChangeShown(Shown):
    position = serializers.IntegerField(read_only=True, help_text="Where it stands in the feed, without gaps.")
    kind = serializers.CharField(read_only=True, help_text="What it is about.")
    id = serializers.IntegerField(read_only=True, help_text="Its id.")
    verb = serializers.CharField(read_only=True, help_text="What was done, as the log says it.")
    at = serializers.DateTimeField(read_only=True)
    by = serializers.CharField(read_only=True, allow_null=True, help_text="Who; null for the system.")
    command = serializers.IntegerField(
        read_only=True, help_text="What was done together; /movements/?command= has the stock that it moved."
    )
    resource = serializers.CharField(
        read_only=True, allow_null=True, help_text="Where it is read as it is now; null if the API does not have it."
    )

    class Meta:
        model = Change
        fields = ("position", "kind", "id", "verb", "at", "by", "command", "resource")
