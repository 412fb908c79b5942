"""What the dashboard keeps: the figures of a day and what they should be, what people are told, who got the report."""

from dashboard.models.notices import Channel, Notice, NoticeChoice, NoticeKind, Untold
from dashboard.models.reports import ReportMail, ReportSubscription
from dashboard.models.snapshots import DailySnapshot, FigureTarget

__all__ = [
    "Channel",
    "DailySnapshot",
    "FigureTarget",
    "Notice",
    "NoticeChoice",
    "NoticeKind",
    "ReportMail",
    "ReportSubscription",
    "Untold",
]
