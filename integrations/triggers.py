"""The change feed's rules, told to the database: each event comes into it, and keeps the position that it was given."""

from core.triggers import Trigger, append_only

ENTERS = "integrations_event_enters_the_feed"

TRIGGERS = (
    Trigger(
        name=ENTERS,
        table="stations_event",
        postgresql=(
            f"""CREATE FUNCTION {ENTERS}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN INSERT INTO integrations_unnumbered (event_id) SELECT id FROM fresh; RETURN NULL; END $$""",
            f"""CREATE TRIGGER {ENTERS} AFTER INSERT ON stations_event REFERENCING NEW TABLE AS fresh
            FOR EACH STATEMENT EXECUTE FUNCTION {ENTERS}()""",
        ),
        sqlite=(
            f"""CREATE TRIGGER {ENTERS}_insert AFTER INSERT ON stations_event
            BEGIN INSERT INTO integrations_unnumbered (event_id) VALUES (NEW.id); END""",
        ),
    ),
    append_only("integrations_change", message="A position in the change feed is given once."),
)
