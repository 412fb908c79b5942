"""Rules told to the database: movements are never changed, they alone change what is on hand, and every GTIN and NDC
of the catalogue stands among the codes of its item."""

from core.triggers import Trigger, append_only
from stations.models import Location

_PHYSICAL = ", ".join(f"'{kind.value}'" for kind in Location.PHYSICAL)
_ONLY_MOVEMENTS = "Stock on hand is changed by movements alone."

# One statement for all rows of a bulk insert. Missing levels come first, at zero: PostgreSQL checks the proposed row of
# an upsert before it sees the conflict, and would refuse a negative change of a level that exists.
_KEEP_LEVELS_POSTGRESQL = (
    f"""CREATE FUNCTION movements_keep_stock_levels() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO inventory_stocklevel (location_id, lot_id, on_hand, allocated)
        SELECT DISTINCT change.location_id, change.lot_id, 0, 0
          FROM (SELECT source_id AS location_id, lot_id FROM added
                UNION SELECT destination_id, lot_id FROM added) AS change
          JOIN stations_location ON stations_location.id = change.location_id
         WHERE stations_location.kind IN ({_PHYSICAL})
           AND NOT EXISTS (SELECT 1 FROM inventory_stocklevel AS level
                            WHERE level.location_id = change.location_id AND level.lot_id = change.lot_id)
         ORDER BY 1, 2
            ON CONFLICT DO NOTHING;
        UPDATE inventory_stocklevel AS level
           SET on_hand = level.on_hand + change.quantity
          FROM (SELECT location_id, lot_id, SUM(quantity) AS quantity
                  FROM (SELECT destination_id AS location_id, lot_id, quantity FROM added
                        UNION ALL SELECT source_id, lot_id, -quantity FROM added) AS line
                 GROUP BY location_id, lot_id) AS change
         WHERE level.location_id = change.location_id AND level.lot_id = change.lot_id;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER movements_keep_stock_levels AFTER INSERT ON inventory_stockmovement
       REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION movements_keep_stock_levels()""",
)


def _level_of(end: str, sign: str) -> str:
    return f"""
        INSERT OR IGNORE INTO inventory_stocklevel (location_id, lot_id, on_hand, allocated)
        SELECT id, NEW.lot_id, 0, 0 FROM stations_location WHERE id = NEW.{end}_id AND kind IN ({_PHYSICAL});
        UPDATE inventory_stocklevel SET on_hand = on_hand {sign} NEW.quantity
         WHERE location_id = NEW.{end}_id AND lot_id = NEW.lot_id;"""


_KEEP_LEVELS_SQLITE = (
    f"""CREATE TRIGGER movements_keep_stock_levels AFTER INSERT ON inventory_stockmovement BEGIN
        {_level_of("source", "-")}{_level_of("destination", "+")} END""",
)

_GUARD_LEVELS_POSTGRESQL = (
    f"""CREATE FUNCTION stock_levels_follow_movements() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{_ONLY_MOVEMENTS}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER stock_levels_follow_movements_insert BEFORE INSERT ON inventory_stocklevel FOR EACH ROW
       WHEN (pg_trigger_depth() = 0 AND NEW.on_hand <> 0) EXECUTE FUNCTION stock_levels_follow_movements()""",
    """CREATE TRIGGER stock_levels_follow_movements_update BEFORE UPDATE ON inventory_stocklevel FOR EACH ROW
       WHEN (pg_trigger_depth() = 0 AND (NEW.on_hand, NEW.location_id, NEW.lot_id)
             IS DISTINCT FROM (OLD.on_hand, OLD.location_id, OLD.lot_id))
       EXECUTE FUNCTION stock_levels_follow_movements()""",
    """CREATE TRIGGER stock_levels_follow_movements_delete BEFORE DELETE ON inventory_stocklevel FOR EACH ROW
       WHEN (OLD.on_hand <> 0) EXECUTE FUNCTION stock_levels_follow_movements()""",
)

# SQLite cannot tell a statement inside a trigger from one outside, so there the rule is the invariant itself.
_SUM_OF_MOVEMENTS = """(
    COALESCE((SELECT SUM(quantity) FROM inventory_stockmovement
               WHERE destination_id = NEW.location_id AND lot_id = NEW.lot_id), 0)
    - COALESCE((SELECT SUM(quantity) FROM inventory_stockmovement
                 WHERE source_id = NEW.location_id AND lot_id = NEW.lot_id), 0))"""
_REFUSE = f"BEGIN SELECT RAISE(ABORT, '{_ONLY_MOVEMENTS}'); END"

_GUARD_LEVELS_SQLITE = (
    f"""CREATE TRIGGER stock_levels_follow_movements_insert BEFORE INSERT ON inventory_stocklevel
        WHEN NEW.on_hand <> 0 {_REFUSE}""",
    f"""CREATE TRIGGER stock_levels_follow_movements_update BEFORE UPDATE ON inventory_stocklevel
        WHEN NEW.location_id <> OLD.location_id OR NEW.lot_id <> OLD.lot_id
          OR (NEW.on_hand <> OLD.on_hand AND NEW.on_hand <> {_SUM_OF_MOVEMENTS}) {_REFUSE}""",
    f"""CREATE TRIGGER stock_levels_follow_movements_delete BEFORE DELETE ON inventory_stocklevel
        WHEN OLD.on_hand <> 0 {_REFUSE}""",
)

TRIGGERS = (
    append_only("inventory_stockmovement", message="A stock movement is never changed; undo it by a movement back."),
    Trigger(
        name="movements_keep_stock_levels",
        table="inventory_stockmovement",
        postgresql=_KEEP_LEVELS_POSTGRESQL,
        sqlite=_KEEP_LEVELS_SQLITE,
    ),
    Trigger(
        name="stock_levels_follow_movements",
        table="inventory_stocklevel",
        postgresql=_GUARD_LEVELS_POSTGRESQL,
        sqlite=_GUARD_LEVELS_SQLITE,
    ),
)


# A GTIN is kept in 14 digits. What a person linked before gives way to the same code of the catalogue.


def _keep(owner: str, columns: tuple[str, ...], padded: str) -> str:
    """The statements that make the own codes of one row of the catalogue what its columns say."""
    item, pack = ("NEW.id", "NULL") if owner == "item" else ("NEW.item_id", "NEW.id")
    where = f"item_id = {item} AND pack_id IS NULL" if owner == "item" else f"pack_id = {pack}"
    statements = []
    for column in columns:
        code = padded if column == "gtin" else f"NEW.{column}"
        statements.append(f"""
        DELETE FROM inventory_itemcode WHERE {where} AND system = '{column}' AND (is_own OR code = {code});
        INSERT INTO inventory_itemcode (item_id, pack_id, system, code, is_own)
        SELECT {item}, {pack}, '{column}', {code}, TRUE WHERE NEW.{column} <> '';""")
    return "".join(statements)


def _codes_of(owner: str, *columns: str) -> Trigger:
    table, name = f"inventory_{owner}", f"{owner}s_keep_their_codes"
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)
    sqlite = _keep(owner, columns, "substr('00000000000000' || NEW.gtin, -14)")
    postgresql = _keep(owner, columns, "lpad(NEW.gtin, 14, '0')")
    return Trigger(
        name=name,
        table=table,
        postgresql=(
            f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' OR {changed} THEN {postgresql}
        END IF;
        RETURN NULL; END $$""",
            f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ),
        sqlite=(
            f"CREATE TRIGGER {name}_insert AFTER INSERT ON {table} BEGIN {sqlite} END",
            f"CREATE TRIGGER {name}_update AFTER UPDATE ON {table} WHEN {changed} BEGIN {sqlite} END",
        ),
    )


# Apart from the ledger's, whose migrations came before there were codes.
CODE_TRIGGERS = (_codes_of("item", "gtin", "ndc"), _codes_of("pack", "gtin"))
