"""What every event leaves behind for the notices, in its own transaction."""

from core.triggers import Trigger

EVERY_EVENT_IS_TOLD = Trigger(
    name="dashboard_every_event_is_told",
    table="stations_event",
    postgresql=(
        """CREATE FUNCTION dashboard_every_event_is_told() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO dashboard_untold (event_id) SELECT id FROM fresh; RETURN NULL; END $$""",
        """CREATE TRIGGER dashboard_every_event_is_told AFTER INSERT ON stations_event
        REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION dashboard_every_event_is_told()""",
    ),
    sqlite=(
        """CREATE TRIGGER dashboard_every_event_is_told AFTER INSERT ON stations_event
        BEGIN INSERT INTO dashboard_untold (event_id) VALUES (NEW.id); END""",
    ),
)
TRIGGERS = (EVERY_EVENT_IS_TOLD,)
