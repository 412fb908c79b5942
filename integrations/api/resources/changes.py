"""What happened, in an order that nothing falls out of."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.actions.numbering import number_changes
from integrations.api.base import Resource
from integrations.api.paging import AfterPosition
from integrations.api.serializers import FIELDS
from integrations.api.shown.changes import ChangeShown
from integrations.models import ApiToken, Change
from integrations.queries.changes import piece_after
from integrations.queries.kinds import BY_NAME, of_kinds, opened_by, seen_by

KIND = "kind"


class Changes(Resource):
    """The change feed: what happened since ``after``, oldest first. Keep the ``after`` of the answer when you have
    dealt with its results, and ask on from there: whatever crashes, nothing is missed and nothing told twice."""

    area = "changes"
    queryset = Change.objects.all()
    serializer_class = ChangeShown
    pagination_class = AfterPosition
    parameters = (FIELDS, KIND)
    refusals: ClassVar = {422: "The feed has not reached that position: it is another database's."}

    @extend_schema(
        parameters=[
            OpenApiParameter(
                KIND,
                {"type": "array", "items": {"type": "string", "enum": list(BY_NAME)}, "minItems": 1},
                description="Only these, with commas.",
                style="form",
                explode=False,
            )
        ]
    )
    def list(self, request: Request) -> Response:
        """What happened since then."""
        number_changes()
        pages = AfterPosition()
        piece = piece_after(pages.after(request), limit=pages.size(request), wanted=self.wanted())
        return pages.answer(request, self.get_serializer(piece.changes, many=True).data, piece)

    def wanted(self) -> Q:
        """What the caller sees, may read by their token, and asked for."""
        token: Any = self.request.auth
        opened = opened_by(token.scopes) if isinstance(token, ApiToken) else Q()
        return seen_by(self.person) & opened & of_kinds(self.kinds())

    def kinds(self) -> Sequence[str]:
        text = self.request.query_params.get(KIND)
        names = [] if text is None else [name.strip() for name in text.split(",")]
        if unknown := [name for name in names if name not in BY_NAME]:
            said = f"There is no kind {', '.join(map(repr, unknown))}. Choose from: {', '.join(BY_NAME)}."
            raise ValidationError({KIND: said})
        return names
