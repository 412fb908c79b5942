"""Commands that other programs may call: JSON on standard output, and an exit code that says how it ended.

0: done. 1: refused, and nothing has changed; with ``--json`` the answer is a problem with a code and what to do.
2: not understood, as argparse has it.
"""

import json
import re
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.http import Http404

from core.errors import DomainError

CAMEL = re.compile(r"(?<!^)(?=[A-Z])")
NOT_ALLOWED = "The role or the station of this person does not allow this. Name another with --by."
NOT_FOUND = "There is no such thing, or this person may not see it. Look at what `list` gives."


def problem(code: str, detail: str, reasons: tuple[str, ...] = ()) -> dict[str, Any]:
    """A refusal as other programs read it: a stable code, what to do, and every reason at once."""
    return {"code": code, "detail": detail, "errors": list(reasons)}


def code_of(refusal: DomainError) -> str:
    """The same as the API's: the refusal's own name, or ``refused``."""
    return "refused" if type(refusal) is DomainError else CAMEL.sub("_", type(refusal).__name__).lower()


class JsonCommand(BaseCommand):
    """A command with ``--json``. ``carry_out`` gives what was done as plain values; ``in_words`` says it to people."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print what was done, or why not, as JSON")

    def carry_out(self, *args: Any, **options: Any) -> Any:
        raise NotImplementedError

    def in_words(self, answer: Any) -> str:
        return json.dumps(answer, ensure_ascii=False, indent=2, default=str)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answer = self.carry_out(**options)
        except DomainError as refusal:
            self._refuse(options, problem(code_of(refusal), str(refusal), refusal.problems), refusal)
        except PermissionDenied as refusal:
            self._refuse(options, problem("permission_denied", NOT_ALLOWED), refusal)
        except Http404 as refusal:
            self._refuse(options, problem("not_found", NOT_FOUND), refusal)
        else:
            words = json.dumps(answer, ensure_ascii=False, default=str) if options["json"] else self.in_words(answer)
            if words:
                self.stdout.write(words)

    def _refuse(self, options: dict[str, Any], why: dict[str, Any], refusal: Exception) -> None:
        if options["json"]:
            self.stdout.write(json.dumps({"problem": why}, ensure_ascii=False))
        raise CommandError("\n".join([why["detail"], *why["errors"]])) from refusal
