from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Q

from inventory.triggers import TRIGGERS


def take_off(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite changes a table by making it anew: that drops its triggers, and is refused while others name it."""
    if editor.connection.vendor == "sqlite":
        for trigger in TRIGGERS:
            trigger.drop(editor)


def put_on(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "sqlite":
        for trigger in TRIGGERS:
            trigger.create(editor)


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_two_people")]

    operations = [
        migrations.RunPython(take_off, put_on),
        migrations.AddField(
            model_name="cyclecount",
            name="is_spot",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Only of lots that a picker did not find: the place is not counted.",
            ),
        ),
        migrations.AddField(
            model_name="stocklevel",
            name="unfound",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="Of the allocated: what a picker did not find, until it is counted.",
            ),
        ),
        migrations.AddField(
            model_name="stocklevel",
            name="unfound_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="stocklevel",
            name="allocated",
            field=models.PositiveIntegerField(
                default=0, help_text="Promised to orders and not yet shipped, or unfound."
            ),
        ),
        migrations.AddIndex(
            model_name="stocklevel",
            index=models.Index(fields=["unfound_at"], condition=Q(unfound__gt=0), name="levels_to_count"),
        ),
        migrations.AddConstraint(
            model_name="stocklevel",
            constraint=models.CheckConstraint(
                condition=Q(unfound__lte=F("allocated")), name="unfound_stock_is_allocated"
            ),
        ),
        migrations.AddConstraint(
            model_name="stocklevel",
            constraint=models.CheckConstraint(
                condition=Q(unfound=0, unfound_at__isnull=True) | Q(unfound__gt=0, unfound_at__isnull=False),
                name="unfound_stock_says_since_when",
            ),
        ),
        migrations.RunPython(put_on, take_off),
    ]
