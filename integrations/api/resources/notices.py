"""What the person of a token was told, and that they have seen it."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.access import notice_for
from dashboard.actions import notices as actions
from dashboard.models import Notice
from dashboard.notice_kinds import TOLD
from dashboard.notice_words import sentence
from integrations.api.asked import Nothing
from integrations.api.base import Reads
from integrations.api.fields import Id, Moment
from integrations.api.filters import filters, is_none
from integrations.api.serializers import Asked, Shown
from integrations.api.verbs import command, verb
from stations.access import require_role
from stations.models import Station, User


class NoticeShown(Shown):
    station = serializers.SlugRelatedField[Station](slug_field="code", read_only=True, allow_null=True)
    text = serializers.SerializerMethodField(help_text="What it says, in the language of Accept-Language.")
    target = serializers.CharField(read_only=True, help_text="Address of the page on which one acts on it.")

    class Meta:
        model = Notice
        fields = ("id", "kind", "station", "text", "target", "made_at", "seen_at")

    def get_text(self, notice: Notice) -> str:
        return sentence(notice)


class SeenUpTo(Asked):
    up_to = Id(help_text="The newest notice that was read, by its id: what came since stays new.")


class SeenThen(Asked):
    seen_at = Moment(help_text="As the notices have it, to the microsecond.")


class NoticesSeen(serializers.Serializer[Any]):
    seen = serializers.IntegerField(help_text="How many were new.")
    seen_at = serializers.DateTimeField(help_text="What `unsee` takes back.")


class NoticesNew(serializers.Serializer[Any]):
    unseen = serializers.IntegerField(help_text="How many are new again.")


class Notices(Reads):
    """What the person was told and may still see."""

    area = "notices"
    queryset = Notice.objects.all()
    serializer_class = NoticeShown
    filterset_class = filters(Notice, "kind", station="station__code", is_new=is_none("seen_at"))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, *TOLD)

    def seen_by(self, person: User) -> QuerySet[Notice]:
        return Notice.objects.of(person).select_related("station")

    @verb(Nothing, NoticeShown, name="see", has_version=False)
    def see_one(self, request: Request, pk: str) -> Response:
        """Note that the person has seen it; when they first did stays."""
        self.body(Nothing)
        notice = notice_for(self.person, int(pk))
        actions.see_notice(notice=notice, by=self.person, at=timezone.now())
        return self.done(notice)

    @extend_schema(operation_id="notices_see_many")
    @command(SeenUpTo, NoticesSeen, makes=False)
    def see(self, request: Request) -> Response:
        """Note that the person has seen all up to one."""
        asked, now = self.body(SeenUpTo).validated_data, timezone.now()
        count = actions.see_all(up_to=asked["up_to"], by=self.person, at=now)
        return Response(NoticesSeen({"seen": count, "seen_at": now}).data)

    @command(SeenThen, NoticesNew, makes=False)
    def unsee(self, request: Request) -> Response:
        """Take back that the person saw those that were noted at this moment: they are new again."""
        asked = self.body(SeenThen).validated_data
        return Response(NoticesNew({"unseen": actions.unsee(seen_at=asked["seen_at"], by=self.person)}).data)
