"""Database triggers for PostgreSQL and SQLite, installed by migrations: what must never be is impossible there."""

from dataclasses import dataclass

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


@dataclass(frozen=True)
class Trigger:
    """A named rule on a table, in the statements of each database. ``drop`` undoes ``create``."""

    name: str
    table: str
    postgresql: tuple[str, ...]
    sqlite: tuple[str, ...]

    def create(self, editor: BaseDatabaseSchemaEditor) -> None:
        for statement in self.postgresql if editor.connection.vendor == "postgresql" else self.sqlite:
            editor.execute(statement, params=None)

    def drop(self, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP FUNCTION IF EXISTS {self.name}() CASCADE", params=None)
        else:
            for statement in self.sqlite:
                name = statement.split()[2]
                editor.execute(f"DROP TRIGGER IF EXISTS {name}", params=None)


def append_only(table: str, *, message: str) -> Trigger:
    """Rows of the table can be added, never changed or removed."""
    name = f"{table}_is_append_only"
    text = message.replace("'", "''")
    return Trigger(
        name=name,
        table=table,
        postgresql=(
            f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
            f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ),
        sqlite=(
            f"CREATE TRIGGER {name}_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{text}'); END",
            f"CREATE TRIGGER {name}_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{text}'); END",
        ),
    )
