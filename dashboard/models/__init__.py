"""What the dashboard keeps: the figures of a day, what people are told, and to whom the report was sent."""

from dashboard.models.notices import Channel, Notice, NoticeChoice, NoticeKind, Untold
from dashboard.models.reports import ReportMail, ReportSubscription
from dashboard.models.snapshots import DailySnapshot

__all__ = [
    "Channel",
    "DailySnapshot",
    "Notice",
    "NoticeChoice",
    "NoticeKind",
    "ReportMail",
    "ReportSubscription",
    "Untold",
]
