"""Pages that read codes with the camera: their policy lets the reader, which is WebAssembly, be compiled."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from csp.constants import SELF
from csp.decorators import csp_update
from django.http.response import HttpResponseBase

P = ParamSpec("P")
Answer = TypeVar("Answer", bound=HttpResponseBase)
_allowed: Any = csp_update({"script-src": [SELF, "'wasm-unsafe-eval'"]})


def with_camera(show: Callable[P, Answer]) -> Callable[P, Answer]:
    """For a view, or whatever else makes the answer of a page that scans."""
    return cast("Callable[P, Answer]", _allowed(show))
