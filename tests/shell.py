"""``manage.py ems``, as somebody at a shell runs it."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from stations.models import User


class Shell:
    """Runs ``ems`` as somebody."""

    def __init__(self, by: User) -> None:
        self.by = by.username

    def __call__(self, *words: object) -> Any:
        out = io.StringIO()
        call_command("ems", *map(str, words), "--by", self.by, "--json", stdout=out)
        return json.loads(out.getvalue())

    def refused(self, *words: object) -> dict[str, Any]:
        out = io.StringIO()
        with pytest.raises(CommandError) as refusal:
            call_command("ems", *map(str, words), "--by", self.by, "--json", stdout=out)
        assert refusal.value.returncode == 1
        problem: dict[str, Any] = json.loads(out.getvalue())["problem"]
        assert problem.keys() == {"code", "detail", "errors"}
        return problem
