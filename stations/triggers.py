"""What no command may do to the log, told to the database."""

from core.triggers import append_only

TRIGGERS = (
    append_only("stations_command", message="The log of commands is never changed."),
    append_only("stations_event", message="The event log is never changed."),
)
