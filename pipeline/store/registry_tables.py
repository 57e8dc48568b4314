"""The registry as rows of `individual`, `sighting` and `rejection`, which follow the log and decide nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, select, update

from pipeline.individuals.animals import Individual, Sighting
from pipeline.individuals.registry import Registry
from pipeline.store.schema import individual, rejection, sighting
from pipeline.store.sightings import attach_sightings


def write_registry(connection: Connection, registry: Registry) -> None:
    """Bring the three tables to what the registry says, inside a transaction, touching no row that says it already."""
    animals = _Change.of(connection, individual, [_individual_row(one) for one in registry.individuals.values()])
    seen = _Change.of(connection, sighting, [_sighting_row(one) for one in registry.sightings.values()])
    rejected = [{"sighting_id": key, "individual_id": who} for key, who in sorted(registry.rejections)]
    refused = _Change.of(connection, rejection, rejected)
    refused.delete()
    animals.write()
    seen.write()
    seen.delete()
    refused.write()
    animals.delete()
    for media_id in sorted({row["media_id"] for row in (*seen.fresh, *seen.changed, *seen.gone)}):
        attach_sightings(connection, media_id)


_Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Change:
    """What must be done to a table so that it holds certain rows and no others."""

    connection: Connection
    table: Table
    fresh: list[_Record]
    changed: list[_Record]
    gone: list[_Record]

    @classmethod
    def of(cls, connection: Connection, table: Table, rows: Sequence[_Record]) -> "_Change":
        def key(row: _Record) -> tuple[Any, ...]:
            return tuple(row[column.name] for column in table.primary_key)

        found = connection.execute(select(table)).mappings()
        there = {key(row): row for row in ({str(name): value for name, value in one.items()} for one in found)}
        wanted = {key(row): row for row in rows}
        return cls(
            connection,
            table,
            fresh=[row for one, row in wanted.items() if one not in there],
            changed=[row for one, row in wanted.items() if one in there and there[one] != row],
            gone=[row for one, row in there.items() if one not in wanted],
        )

    def write(self) -> None:
        if self.fresh:
            self.connection.execute(self.table.insert(), self.fresh)
        for row in self.changed:
            self.connection.execute(update(self.table).where(self._is(row)).values(**row))

    def delete(self) -> None:
        for row in self.gone:
            self.connection.execute(self.table.delete().where(self._is(row)))

    def _is(self, row: _Record) -> ColumnElement[bool]:
        return and_(*(column == row[column.name] for column in self.table.primary_key))


def _individual_row(animal: Individual) -> dict[str, Any]:
    return {
        "individual_id": animal.individual_id,
        "code": animal.code,
        "provisional": animal.provisional,
        "species": animal.species,
        "sex": animal.sex and animal.sex.value,
        "names": list(animal.names),
        "former_codes": list(animal.former_codes),
        "marks": list(animal.marks),
        "tags": list(animal.tags),
        "born": animal.born and animal.born.isoformat(),
        "died": animal.died and animal.died.isoformat(),
        "mother_id": animal.mother_id,
        "stages": [[since.isoformat(), stage.value] for since, stage in animal.stages],
    }


def _sighting_row(one: Sighting) -> dict[str, Any]:
    x, y, w, h = one.seen.box
    return {
        "sighting_id": one.seen.sighting_id,
        "media_id": one.seen.media,
        "start_s": one.seen.start_s,
        "end_s": one.seen.end_s,
        "x": x,
        "y": y,
        "w": w,
        "h": h,
        "flanks": [flank.value for flank in one.seen.flanks],
        "individual_id": one.individual_id,
        "who": one.who,
        "at": one.at.astimezone(UTC),
        "decision": one.decision,
    }
