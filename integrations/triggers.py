"""The change feed's rules, told to the database: each event comes into it, and keeps the position that it was given."""

from core.triggers import Trigger

ENTERS = "integrations_event_enters_the_feed"
KEEPS = "integrations_change_keeps_its_position"
KEPT = "A position in the change feed is given once."

TRIGGERS = (
    Trigger(
        name=ENTERS,
        table="stations_event",
        postgresql=(
            f"""CREATE FUNCTION {ENTERS}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN INSERT INTO integrations_change (event_id) SELECT id FROM fresh; RETURN NULL; END $$""",
            (
                f"CREATE TRIGGER {ENTERS} AFTER INSERT ON stations_event REFERENCING NEW TABLE AS fresh "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {ENTERS}()"
            ),
        ),
        sqlite=(
            (
                f"CREATE TRIGGER {ENTERS}_insert AFTER INSERT ON stations_event "
                "BEGIN INSERT INTO integrations_change (event_id) VALUES (NEW.id); END"
            ),
        ),
    ),
    Trigger(
        name=KEEPS,
        table="integrations_change",
        postgresql=(
            f"""CREATE FUNCTION {KEEPS}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
            (
                f"CREATE TRIGGER {KEEPS}_update BEFORE UPDATE ON integrations_change FOR EACH ROW "
                f"WHEN (OLD.position IS NOT NULL) EXECUTE FUNCTION {KEEPS}()"
            ),
            (
                f"CREATE TRIGGER {KEEPS}_delete BEFORE DELETE ON integrations_change FOR EACH ROW "
                f"EXECUTE FUNCTION {KEEPS}()"
            ),
        ),
        sqlite=(
            (
                f"CREATE TRIGGER {KEEPS}_update BEFORE UPDATE ON integrations_change WHEN OLD.position IS NOT NULL "
                f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
            ),
            (
                f"CREATE TRIGGER {KEEPS}_delete BEFORE DELETE ON integrations_change "
                f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
            ),
        ),
    ),
)
