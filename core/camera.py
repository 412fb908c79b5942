"""Pages that read codes with the camera: their policy lets the reader, which is WebAssembly, be compiled."""

from collections.abc import Callable
from typing import Any, ParamSpec, cast

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpResponse

P = ParamSpec("P")
_allowed: Any = csp_update({"script-src": [SELF, "'wasm-unsafe-eval'"]})


def with_camera(show: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """For a view, or whatever else makes the answer of a page that scans."""
    return cast("Callable[P, HttpResponse]", _allowed(show))
