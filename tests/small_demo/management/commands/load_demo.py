"""Stands before the real command of this name: an app that is listed first wins."""

from typing import Any

from django.core.management.base import BaseCommand

from stations.models import User


class Command(BaseCommand):
    def handle(self, **options: Any) -> None:
        user, is_new = User.objects.get_or_create(username="officer")
        if is_new:
            user.set_password("demo-officer")
            user.save()
        self.stdout.write("loaded" if is_new else "kept")
