"""Decisions about individuals as rows of `individual_decision`, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select

from pipeline.individuals.animals import Flank, LifeStage, Seen, Sex
from pipeline.individuals.decisions import (
    Confirm,
    Decided,
    Decision,
    Link,
    Merge,
    New,
    Reject,
    Rename,
    SetTraits,
    Split,
    Tag,
    Traits,
    Undo,
)
from pipeline.store.schema import individual_decision

KINDS: dict[type, str] = {
    New: "new",
    Confirm: "confirm",
    Reject: "reject",
    Merge: "merge",
    Link: "link",
    Split: "split",
    Rename: "rename",
    SetTraits: "set",
    Tag: "set",  # on a sighting; the table's rule knows no kind of its own
    Undo: "undo",
}


def read_decisions(connection: Connection) -> list[Decided]:
    """Every decision ever, undone ones too, in order."""
    rows = connection.execute(select(individual_decision).order_by(individual_decision.c.number))
    return [Decided(row.number, row.who, row.at, row.note, _decision(row)) for row in rows]


def write_decision(connection: Connection, decided: Decided) -> None:
    """Append one decision to the log."""
    decision = decided.decision
    row = {
        "number": decided.number,
        "kind": KINDS[type(decision)],
        "who": decided.who,
        "at": decided.at,
        "note": decided.note,
        "undoes": decision.number if isinstance(decision, Undo) else None,
        "details": {} if isinstance(decision, Undo) else details_of(decision),
    }
    connection.execute(individual_decision.insert(), row)


def details_of(decision: Decision) -> dict[str, Any]:
    """All that a decision says, as JSON values; what it leaves open is left out."""
    details: dict[str, Any] = _plain(asdict(decision))
    return details


def _plain(value: Any) -> Any:
    """JSON values; what is None or empty is left out of mappings."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items() if item not in (None, (), [])}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _decision(row: Row[Any]) -> Decision:
    said: dict[str, Any] = row.details
    match row.kind:
        case "undo":
            return Undo(row.undoes)
        case "new":
            seen = _seen(said["seen"]) if "seen" in said else None
            return New(said["code"], said["provisional"], seen, _traits(said["traits"]), said.get("species_said"))
        case "confirm":
            return Confirm(said["individual_id"], _seen(said["seen"]))
        case "reject":
            return Reject(said["individual_id"], _seen(said["seen"]))
        case "merge":
            return Merge(**said)
        case "link":
            return Link(**said)
        case "split":
            return Split(**{**said, "sighting_ids": tuple(said["sighting_ids"])})
        case "rename":
            return Rename(**said)
        case _ if "seen" in said:  # the table's own rule admits no other kind than "set" from here on
            return Tag(_seen(said["seen"]), tuple(said.get("tags", ())), tuple(said.get("forget", ())))
        case _:
            return SetTraits(said["individual_id"], _traits(said["traits"]))


def _seen(said: Mapping[str, Any]) -> Seen:
    x, y, w, h = said["box"]
    flanks = tuple(Flank(one) for one in said.get("flanks", ()))
    return Seen(said["sighting_id"], said["media"], said["start_s"], said["end_s"], (x, y, w, h), flanks)


def _traits(said: Mapping[str, Any]) -> Traits:
    def day(name: str) -> date | None:
        return date.fromisoformat(said[name]) if name in said else None

    return Traits(
        species=said.get("species"),
        sex=Sex(said["sex"]) if "sex" in said else None,
        born=day("born"),
        died=day("died"),
        mother_id=said.get("mother_id"),
        stage=LifeStage(said["stage"]) if "stage" in said else None,
        stage_from=day("stage_from"),
        names=tuple(said.get("names", ())),
        marks=tuple(said.get("marks", ())),
        tags=tuple(said.get("tags", ())),
        forget=tuple(said.get("forget", ())),
    )
