"""The catalogue: what each item is, which codes name it, and what may be sent instead."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError
from integrations.api.asked import item_of
from integrations.api.base import CODE, Reads
from integrations.api.fields import One, Text, Whole
from integrations.api.filters import filters
from integrations.api.once import command_of
from integrations.api.problems import FieldsRefused
from integrations.api.serializers import Asked
from integrations.api.shown.items import ItemShown, shown_items
from integrations.api.verbs import verb
from inventory.actions import codes, substitutes
from inventory.codes.reading import LONGEST
from inventory.codes.scanned import SYSTEMS
from inventory.errors import AmbiguousCode
from inventory.forms.codes import code_meant, pack_named
from inventory.models import Item, ItemCode
from stations.models import User


class CodeLinked(Asked):
    """A code on a box, and which pack carries it."""

    code = Text(max_length=LONGEST, trim_whitespace=False, help_text="As scanned, or as printed below the bars.")
    meant = Text(
        max_length=90,
        default="",
        allow_blank=True,
        help_text="Which is printed, where it may be several: ten digits of an NDC. The refusal names them.",
    )
    pack = Text(max_length=20, default="", allow_blank=True, help_text="Name of the pack; none: one base unit.")


class CodeUnlinked(Asked):
    """A code as the item's ``codes`` have it."""

    system = One(choices=SYSTEMS)
    code = Text(max_length=80)


class SubstituteRemoved(Asked):
    substitute = Text(max_length=40, help_text="SKU.")


class SubstituteSet(SubstituteRemoved):
    """So many of the substitute for so many of the item. Replaces what was said of the two before."""

    quantity = Whole(min_value=1, max_value=substitutes.MOST, default=1, help_text="So many of the substitute …")
    per = Whole(min_value=1, max_value=substitutes.MOST, default=1, help_text="… for so many of the item.")
    preference = Whole(min_value=1, max_value=substitutes.MOST, default=1, help_text="1 is offered first.")
    note = Text(
        max_length=substitutes.LONGEST_NOTE,
        default="",
        allow_blank=True,
        help_text="What the crew must know; needed for a scheduled drug instead of another.",
    )


class Items(Reads):
    """The catalogue. Quantities everywhere are base units (each). What changes it is for logistics only."""

    area = "items"
    queryset = Item.objects.all()
    serializer_class = ItemShown
    lookup_field = "sku"
    lookup_value_regex = CODE
    filterset_class = filters(Item, "kind", "criticality", "is_active", "gtin", "ndc")

    def seen_by(self, person: User) -> QuerySet[Item]:
        return shown_items()

    @verb(CodeLinked, ItemShown, has_version=False)
    def link_code(self, request: Request, sku: str) -> Response:
        """Say that a code names the item, or one of its packs, from now on."""
        asked = self.body(CodeLinked).validated_data
        item, field = get_object_or_404(Item, sku=sku), "code"
        try:
            code = code_meant(asked["code"], asked["meant"])
            field = "pack"
            pack = pack_named(item, asked["pack"])
        except DomainError as refusal:
            named = {"meant" if isinstance(refusal, AmbiguousCode) else field: str(refusal)}
            raise FieldsRefused(refusal, named) from refusal
        return self.done(codes.link_code(item=item, code=code, pack=pack, **command_of(request)))

    @verb(CodeUnlinked, ItemShown, has_version=False)
    def unlink_code(self, request: Request, sku: str) -> Response:
        """Take back a code that was linked. Those of the catalogue itself are changed by an import."""
        asked = self.body(CodeUnlinked).validated_data
        linked = ItemCode(item=get_object_or_404(Item, sku=sku), **asked)
        return self.done(codes.unlink_code(linked=linked, **command_of(request)))

    @verb(SubstituteSet, ItemShown, has_version=False)
    def set_substitute(self, request: Request, sku: str) -> Response:
        """Name what may be sent when the item is lacking, or change what was said of it."""
        asked = self.body(SubstituteSet).validated_data
        item, other = get_object_or_404(Item, sku=sku), item_of(asked["substitute"], key="substitute")
        substitutes.set_substitute(**asked | {"item": item, "substitute": other}, **command_of(request))
        return self.done(item)

    @verb(SubstituteRemoved, ItemShown, has_version=False)
    def remove_substitute(self, request: Request, sku: str) -> Response:
        """Offer it no more. What was approved with it stays."""
        other = item_of(self.body(SubstituteRemoved).validated_data["substitute"], key="substitute")
        item = get_object_or_404(Item, sku=sku)
        return self.done(substitutes.remove_substitute(item=item, substitute=other, **command_of(request)))
