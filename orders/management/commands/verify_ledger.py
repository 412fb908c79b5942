from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.queries.verify import all_differences


class Command(BaseCommand):
    help = "Add up the whole ledger, every promise and every order line again; exit with 1 and name each difference."

    def handle(self, *args: Any, **options: Any) -> None:
        differences = all_differences()
        for difference in differences:
            self.stderr.write(f"{difference.what}: {difference.written} written, {difference.added_up} added up")
        if differences:
            raise CommandError(f"{len(differences)} differences in the ledger.")
        self.stdout.write("The ledger adds up: no differences.")
