"""What the dashboard keeps: the figures of a day, and what people are told."""

from dashboard.models.notices import Channel, Notice, NoticeChoice, NoticeKind, Untold
from dashboard.models.snapshots import DailySnapshot

__all__ = ["Channel", "DailySnapshot", "Notice", "NoticeChoice", "NoticeKind", "Untold"]
