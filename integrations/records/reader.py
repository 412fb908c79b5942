"""What listens while a file is parsed: it gathers the few elements that say what was used, record by record."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from integrations.records.elements import (
    GROUPS,
    IN_GROUP,
    IN_RECORD,
    NAMESPACE,
    NONE,
    RECORD,
    Value,
    check_root,
    entry_of,
    record_of,
    refused,
)
from integrations.records.values import Entry, FileRefused, ReadRecord

LONGEST, DEEPEST, MOST_NAMES = 200, 60, 5_000
MOST_RECORDS, MOST_ENTRIES = 10_000, 500


class Reader:
    """The target of the parser. ``records`` by agency and number; ``heard`` counts what the parser called for."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], ReadRecord] = {}
        self.heard = 0
        self._depth = 0
        self._names: set[str] = set()
        self._record: dict[str, Value] | None = None
        self._entries: list[Entry] = []
        self._group: dict[str, Value] | None = None
        self._open = ""
        self._attributes: Mapping[str, str] = {}
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.heard += 1
        self._depth += 1
        self._check_shape(tag, attributes)
        name = tag.removeprefix(NAMESPACE)
        if self._depth == 1:
            check_root(tag, attributes)
        elif name == RECORD:
            if self._record is not None:
                raise FileRefused(_("A record lies inside another. Nothing of the file was taken; export it again."))
            self._record, self._entries = {}, []
        elif self._record is not None and name in GROUPS:
            self._group = {}
        elif self._record is not None and (name in IN_RECORD or (self._group is not None and name in IN_GROUP)):
            self._open, self._attributes, self._text = name, attributes, []

    def data(self, text: str) -> None:
        self.heard += 1
        if self._open:
            self._text.append(text)
            if sum(map(len, self._text)) > LONGEST:
                words = _("%(place)s has a longer text in %(element)s than NEMSIS allows.")
                raise refused(words, place=self._place(), element=self._open)

    def end(self, tag: str) -> None:
        self.heard += 1
        self._depth -= 1
        name = tag.removeprefix(NAMESPACE)
        if name == self._open:
            found = Value("".join(self._text).strip(), self._attributes)
            into = self._group if name in IN_GROUP else self._record
            if into is not None:
                into.setdefault(name, found)
            self._open = ""
        elif self._group is not None and name in GROUPS:
            self._entries += entry_of(GROUPS[name], self._group, self._place())
            self._group = None
            if len(self._entries) > MOST_ENTRIES:
                words = _("%(place)s has more than %(most)s medications and procedures.")
                raise refused(words, place=self._place(), most=MOST_ENTRIES)
        elif self._record is not None and name == RECORD:
            self._keep(record_of(self._record, self._entries, self._place()))
            self._record = None

    def close(self) -> None:
        """What the parser gives back at the end: the records are read from ``records``."""

    def _keep(self, record: ReadRecord) -> None:
        earlier = self.records.setdefault(record.key, record)
        if earlier.digest != record.digest:
            raise refused(_("Record %(number)s is in the file twice, with different uses."), number=record.number)
        if len(self.records) > MOST_RECORDS:
            raise refused(_("The file holds more than %(most)s records."), most=f"{MOST_RECORDS:,}")

    def _check_shape(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Refuse what would grow in memory although nothing of it is kept: depth, and names that are ever new."""
        self._names.update((tag, *attributes))
        if self._depth > DEEPEST or len(self._names) > MOST_NAMES:
            raise refused(_("The file is built like no NEMSIS dataset."))

    def _place(self) -> str:
        number = (self._record or {}).get("eRecord.01", NONE).text
        if number:
            return _("Record %(number)s") % {"number": number[:50]}
        return _("Record %(place)d of the file") % {"place": len(self.records) + 1}
