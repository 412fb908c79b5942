"""What is wrong with the files, all of it at once: file, line, column, reason."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

# A file of another kind under the right name is wrong in every cell; nobody reads past this.
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why the files are refused, or, as a warning, why a row deserves a second look."""

    file: str
    line: int | None
    column: str
    reason: str

    def __str__(self) -> str:
        line = _("line %(number)s") % {"number": self.line} if self.line else ""
        where = ", ".join(part for part in (self.file, line, self.column) if part)
        return f"{where}: {self.reason}" if where else self.reason


class Unreadable(Exception):
    """A file, or the rest of it, cannot be read at all."""

    def __init__(self, reason: str, *, line: int | None = None, column: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column


@dataclass
class Report:
    """Problems in the order of the files and lines, counted beyond what is kept of them; and warnings likewise."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    warning_count: int = 0

    def refuse(self, file: str, line: int | None, column: str, reason: str) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_KEPT:
            self.problems.append(Problem(file, line, column, reason))

    def warn(self, file: str, line: int | None, column: str, reason: str) -> None:
        self.warning_count += 1
        if len(self.warnings) < MOST_KEPT:
            self.warnings.append(Problem(file, line, column, reason))

    def in_order(self) -> None:
        """Sort both lists by file, in the order in which the files came up, and by line."""
        for found in (self.problems, self.warnings):
            files = {problem.file: None for problem in found}
            places = {file: place for place, file in enumerate(files)}
            found.sort(key=lambda problem: (places[problem.file], problem.line or 0))
