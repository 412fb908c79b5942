"""Which tables an archive holds, in an order in which each stands after those that it points to."""

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Field, Model, QuerySet

OURS = ("stations", "inventory", "orders", "dashboard", "integrations")
# What stays behind, and why.
LEFT_OUT: Mapping[str, str] = {
    "stations.User_groups": "Nobody is in a group: roles say what people do.",
    "stations.User_user_permissions": "The same.",
    "integrations.ApiToken": "Keys of other systems: new ones are issued.",
    "integrations.ApiCall": "Answers kept for a day, for callers of the old system.",
    "integrations.KeptArchive": "Archives are not put into archives.",
    "integrations.ArchivePart": "The same.",
    "integrations.Unnumbered": "The database makes it of the events that the change feed does not hold.",
    "integrations.Webhook": "A copy must not call the receivers too: new ones are made.",
    "integrations.WebhookDelivery": "The same.",
    "dashboard.Untold": "What waits for a minute to be told: a new system tells of what happens there.",
}
# What the database fills as the tables before it come in: that makes way for the rows of the archive.
FILLED_BY_OTHERS = frozenset({"inventory.ItemCode"})
# Columns that stay behind: nobody signs in to another system by an old password.
SECRET: Mapping[str, tuple[str, ...]] = {"stations.User": ("password", "last_login")}


@dataclass(frozen=True)
class Table:
    """One table of an archive: its model, and the fields that are its columns."""

    model: type[Model]
    fields: "tuple[Field[Any, Any], ...]"

    @property
    def name(self) -> str:
        return self.model._meta.label_lower

    @property
    def file(self) -> str:
        return f"tables/{self.name}.jsonl"

    @property
    def columns(self) -> list[str]:
        return [field.attname for field in self.fields]

    @property
    def points_to_itself(self) -> bool:
        return any(field.related_model is self.model for field in self.fields)

    def rows(self) -> QuerySet[Any]:
        """All its rows, whatever the model's own manager leaves out."""
        return QuerySet(self.model)


def tables() -> list[Table]:
    """All of them, each after those that it points to."""
    found = {
        model: _table(model)
        for app in OURS
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model._meta.label not in LEFT_OUT
    }
    points_to = {
        model: {field.related_model for field in table.fields if field.related_model not in (None, model)}
        for model, table in found.items()
    }
    return [found[model] for model in TopologicalSorter(points_to).static_order()]


def _table(model: type[Model]) -> Table:
    secret = SECRET.get(model._meta.label, ())
    return Table(model, tuple(field for field in model._meta.concrete_fields if field.name not in secret))


def schema() -> dict[str, str]:
    """The last migration of each of our apps: equal for two systems only when their tables are."""
    applied = MigrationRecorder(connection).applied_migrations()
    return {app: max(name for owner, name in applied if owner == app) for app in OURS}
