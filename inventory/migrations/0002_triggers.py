from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from inventory.triggers import TRIGGERS


def create(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for trigger in TRIGGERS:
        trigger.create(editor)


def drop(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for trigger in TRIGGERS:
        trigger.drop(editor)


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
