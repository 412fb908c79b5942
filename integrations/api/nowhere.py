"""Addresses of the API that there are not: refused as everything else is, not with a page for people."""

from typing import Any, ClassVar, NoReturn

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView


class Nowhere(APIView):
    schema = None
    area: ClassVar[str] = ""
    permission_classes = ()
    parser_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is no such address. Each ends with a slash; /api/v1/schema/ has all of them.")
