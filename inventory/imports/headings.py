"""The first line of a table: which of its columns are missing, unknown or there twice."""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from inventory.imports.columns import Column, Table
from inventory.imports.values import nearest, shortened


def heading_problems(
    names: Sequence[str], cells: Sequence[str], table: Table, known: dict[str, Column]
) -> Iterator[tuple[str, str]]:
    """(column, reason) for everything that is wrong with a heading."""
    if not names:
        said = _("is empty: its first line must name the columns: %(columns)s.")
        yield "", said % {"columns": ", ".join(known)}
        return
    for place, name in enumerate(names):
        shown = shortened(cells[place].strip())
        if not name:
            yield "", _("column %(number)s has no heading.") % {"number": place + 1}
        elif name not in known:
            said = _("is not a column of %(table)s.") % {"table": table.title.lower()}
            yield shown, said + (nearest(name, known) or _listed(known))
        elif name in names[:place]:
            yield shown, _("is there twice. Keep one of the two columns.")
    for name in table.required:
        if name not in names:
            yield name, _("this column is missing.")


def _listed(known: Iterable[str]) -> str:
    return " " + _("Its columns are: %(columns)s.") % {"columns": ", ".join(known)}
