"""What every serializer here does: answers show only the fields that were asked for, and bodies say nothing unknown."""

from typing import Any

from rest_framework import serializers
from rest_framework.utils.serializer_helpers import BindingDict

FIELDS = "fields"


class Shown(serializers.ModelSerializer[Any]):
    """An answer. ``?fields=id,name`` leaves out the rest; a name that there is not is refused."""

    def get_fields(self) -> Any:
        found = super().get_fields()
        request = self.context.get("request")
        is_asked = request is not None and request.method == "GET" and self.root in (self, self.parent)
        wanted = self.context["request"].query_params.getlist(FIELDS) if is_asked else []
        if not wanted:
            return found
        names = [name.strip() for name in ",".join(wanted).split(",")]
        if unknown := [name for name in names if name not in found]:
            said = f"There is no field {', '.join(map(repr, unknown))}. Choose from: {', '.join(found)}."
            raise serializers.ValidationError({FIELDS: said})
        if len(set(names)) < len(names):
            raise serializers.ValidationError({FIELDS: "A field is named twice."})
        return {name: field for name, field in found.items() if name in names}


class Asked(serializers.Serializer[Any]):
    """A body. A field that there is not is refused: a misspelt one would be dropped in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            fields: BindingDict = self.fields
            if unknown := [name for name in data if name not in fields]:
                said = f"There is no such field. Choose from: {', '.join(fields)}."
                raise serializers.ValidationError(
                    {name: serializers.ErrorDetail(said, code="unknown_field") for name in unknown}
                )
        return super().to_internal_value(data)


class ProblemLine(serializers.Serializer[Any]):
    """One thing that is wrong."""

    field = serializers.CharField(allow_null=True, help_text="Path of the field, such as lines.3.quantity.")
    code = serializers.CharField()
    message = serializers.CharField(help_text="What is wrong, and what to do.")


class Problem(serializers.Serializer[Any]):
    """The shape of every error, for the schema."""

    type = serializers.CharField(help_text="urn:ems-supply:problem: and the code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable: programs may rely on it.")
    detail = serializers.CharField(help_text="What happened, what was kept, and what to do.")
    errors: Any = ProblemLine(many=True, help_text="A line for each thing that is wrong; may be empty.")
