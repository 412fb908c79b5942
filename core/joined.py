"""Rows with the rows that point to them, in one statement."""

from typing import Any

from django.db.models import FilteredRelation, QuerySet


def joined(rows: "QuerySet[Any]", path: str, *related: str, order: str) -> list[Any]:
    """Rows, each with those that point to it by ``path`` in this ``order``, and with what is ``related`` to these.

    "packs" are the row's own, "item__packs" those of its item; they are kept as Django keeps what it has prefetched.
    For few rows that few point to: each row is read again for each of these. One query.
    """
    *way, name = path.split("__")
    begins = rows.query.order_by or rows.model._meta.ordering
    found: dict[Any, Any] = {}
    members: dict[Any, list[Any]] = {}
    all_rows: QuerySet[Any] = rows.annotate(each=FilteredRelation(path))
    wanted = ["each", *(f"each__{one}" for one in related)]
    for row in all_rows.select_related(*wanted).order_by(*begins, f"each__{order}"):
        found.setdefault(row.pk, row)
        here = members.setdefault(row.pk, [])
        if one := getattr(row, "each", None):
            here.append(one)
    for pk, row in found.items():
        _keep(row, way, name, members[pk])
    return list(found.values())


def _keep(row: Any, way: list[str], name: str, members: list[Any]) -> None:
    owner = row
    for step in way:
        owner = getattr(owner, step)
    manager = getattr(owner, name)
    for one in members:
        setattr(one, manager.field.name, owner)
    known = manager.all()
    known._result_cache = members  # noqa: SLF001
    owner._prefetched_objects_cache = {**getattr(owner, "_prefetched_objects_cache", {}), name: known}  # noqa: SLF001
