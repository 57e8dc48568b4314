"""All that the database holds but for when the machine did it: two archives with equal contents are equal."""

from typing import Any

from sqlalchemy import select

from pipeline.store.open import Store
from pipeline.store.schema import metadata, night

_WHEN = {"first_seen_at", "last_seen_at", "finished_at", "seconds", "mtime_ns"}


def contents(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table by its key, without the machine's own clock and without the account of the nights."""
    with store.reading() as connection:
        return {
            table.name: [
                {name: value for name, value in row.items() if name not in _WHEN}
                for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in metadata.sorted_tables
            if table is not night
        }
