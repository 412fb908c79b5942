"""How the targets of figures are answered."""

from typing import Any

from django.http import Http404
from rest_framework import serializers

from dashboard.queries.figures import BY_SLUG, DEFINITIONS, Definition, Target
from dashboard.queries.targets import chosen_targets, tenths_of, unit_of


class TargetShown(serializers.Serializer[Any]):
    """In tenths of its unit; null where there is none."""

    figure = serializers.CharField(help_text="Its slug, as /metrics/ gives it.")
    title = serializers.CharField()
    unit = serializers.CharField()
    tenths = serializers.IntegerField(allow_null=True)
    usual_tenths = serializers.IntegerField(allow_null=True, help_text="What it is until a chief sets another.")
    text = serializers.CharField(help_text="As people read it; empty where there is none.")
    is_more_better = serializers.BooleanField()


def target_now(figure: str) -> tuple[Definition, Target]:
    """A figure and what it should be now; not found if there is no such figure."""
    if figure not in BY_SLUG:
        raise Http404
    return BY_SLUG[figure], chosen_targets().get(figure, BY_SLUG[figure].usual)


def shown_target(definition: Definition, target: Target) -> dict[str, Any]:
    shown: dict[str, Any] = TargetShown(
        {
            "figure": definition.slug,
            "title": definition.title,
            "unit": unit_of(definition).name,
            "tenths": tenths_of(definition, target),
            "usual_tenths": tenths_of(definition, definition.usual),
            "text": target.text,
            "is_more_better": definition.is_more_better,
        }
    ).data
    return shown


def shown_targets() -> list[dict[str, Any]]:
    """Of every figure, in one query."""
    chosen = chosen_targets()
    return [shown_target(one, chosen.get(one.slug, one.usual)) for one in DEFINITIONS]
