"""Who is told of what, and how until they choose."""

from collections.abc import Mapping

from dashboard.models import Channel, NoticeKind
from stations.models import User

Kind, Role = NoticeKind, User.Role

# By role: its kinds, and how they are told until the person chooses. What cannot wait goes by e-mail at once, what
# somebody plans their week by goes into the daily one, and what the next page shows anyway stays in the app.
USUAL: Mapping[str, Mapping[str, str]] = {
    Role.OFFICER: {
        Kind.APPROVED: Channel.APP,
        Kind.RETURNED: Channel.AT_ONCE,
        Kind.ASKED: Channel.AT_ONCE,
        Kind.COMING: Channel.APP,
        Kind.TO_RECEIVE: Channel.APP,
        Kind.OUT: Channel.AT_ONCE,
        Kind.HELD: Channel.AT_ONCE,
        Kind.EXPIRING: Channel.DIGEST,
        Kind.COUNT_DUE: Channel.DIGEST,
        Kind.VARIANCE: Channel.APP,
    },
    Role.LOGISTICS: {
        Kind.URGENT: Channel.AT_ONCE,
        Kind.ASKED: Channel.AT_ONCE,
        Kind.WAITING: Channel.DIGEST,
        Kind.DISCREPANCY: Channel.DIGEST,
        Kind.UNPLANNED: Channel.AT_ONCE,
        Kind.BACKORDER: Channel.DIGEST,
        Kind.HELD: Channel.AT_ONCE,
        Kind.RECALLS: Channel.AT_ONCE,
        Kind.EXPIRING: Channel.DIGEST,
        Kind.VARIANCE: Channel.APP,
    },
    Role.DRIVER: {Kind.RUN: Channel.AT_ONCE},
    Role.CHIEF: {Kind.CHIEF_APPROVAL: Channel.AT_ONCE, Kind.OUT: Channel.AT_ONCE, Kind.LEDGER: Channel.AT_ONCE},
    Role.AUDITOR: {},
}
TOLD = tuple(role for role, kinds in USUAL.items() if kinds)
