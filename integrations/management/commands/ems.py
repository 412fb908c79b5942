"""``manage.py ems NOUN VERB``: what people do on pages, for scripts. The arguments are made from tables of fields."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from core.commands import JsonCommand
from core.errors import DomainError
from integrations.command_line.nouns import NOUNS
from integrations.command_line.table import Asked, Field, Verb, line_of
from stations.models import User


class UnknownPerson(DomainError):
    """Nobody acts by this name."""


class Command(JsonCommand):
    help = "Orders, stock, counts, shipments and runs, each verb with its own --help. See docs/commands.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        nouns = parser.add_subparsers(dest="noun", required=True, metavar="NOUN")
        for noun in NOUNS.values():
            under = nouns.add_parser(noun.name, help=noun.help)
            verbs = under.add_subparsers(dest="verb", required=True, metavar="VERB")
            for verb in noun.verbs:
                self._add_verb(verbs.add_parser(verb.name, help=verb.help, description=verb.help), verb)

    def _add_verb(self, parser: ArgumentParser, verb: Verb) -> None:
        if verb.subject:
            parser.add_argument(verb.subject.name, type=_type(verb.subject), help=verb.subject.help)
        for field in verb.fields:
            _add(parser, field)
        if verb.line:
            words = " ".join(f"{one.name}=…" if one.needed else f"[{one.name}=…]" for one in verb.line)
            told = "; ".join(f"{one.name}: {one.help}" for one in verb.line)
            parser.add_argument(
                "--line", nargs="+", action="append", default=[], required=verb.needs_lines, metavar="NAME=VALUE",
                help=f"{words}. {told}".replace("%", "%%"),
            )  # fmt: skip
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who does it, within role and stations")
        parser.add_argument("--request-id", type=UUID, help="a UUID: sent twice, it is done once")
        super().add_arguments(parser)

    def carry_out(self, *, noun: str, verb: str, by: str, **options: Any) -> Any:
        found = next(one for one in NOUNS[noun].verbs if one.name == verb)
        person = User.objects.filter(username=by, is_active=True).first()
        if person is None:
            raise UnknownPerson(f"There is nobody named {by} who may act. Nothing was changed.")
        fields = [*found.fields, *([found.subject] if found.subject else [])]
        asked = Asked(
            by=person,
            at=timezone.now(),
            request_id=options["request_id"] or uuid4(),
            values={field.name: options[field.name] for field in fields},
            lines=[line_of(words, found.line) for words in options.get("line", ())],
        )
        return found.act(asked)


def _add(parser: ArgumentParser, field: Field) -> None:
    if field.is_flag:
        parser.add_argument(field.option, action="store_true", help=field.help)
        return
    parser.add_argument(
        field.option,
        type=_type(field),
        required=field.needed,
        default=field.default,
        choices=list(field.choices) or None,
        help=field.help,
    )


def _type(field: Field) -> Callable[[str], Any]:
    """A reader that argparse names in its errors by what was wrong."""

    def read(text: str) -> Any:
        try:
            return field.read(text)
        except ValueError as error:
            raise ArgumentTypeError(f"{text!r}: {error}") from error

    return read
