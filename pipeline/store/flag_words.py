"""People's words about flags: acknowledged, dismissed, opened again. Appended, never changed; with who and when."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from pipeline.errors import NotFoundError, RegistryError
from pipeline.health.assess import Assessed, assess, order
from pipeline.health.flags import Dismissed, Flag, Severity
from pipeline.health.history import Park
from pipeline.individuals.registry import Registry
from pipeline.store.health import read_park
from pipeline.store.identities import By, read_registry
from pipeline.store.open import Store
from pipeline.store.rows import as_json
from pipeline.store.schema import flag_word
from pipeline.values import Deployment


class Said(StrEnum):
    """What a person may say about a flag."""

    ACKNOWLEDGE = "acknowledge"  # seen, and somebody looks after it; it stays in the list
    DISMISS = "dismiss"  # nothing out of the ordinary: these sightings do not raise it again
    REOPEN = "reopen"  # neither holds any more


@dataclass(frozen=True, slots=True)
class FlagWord:
    """One word about one flag."""

    number: int
    flag_id: str
    individual_id: int
    rule: str
    said: Said
    who: str
    at: datetime
    note: str
    evidence: tuple[str, ...]
    flag: Flag  # as it stood then


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One flag with what people last said about it. Field names are keys of `--json`."""

    flag: Flag
    state: str  # open, acknowledged, dismissed or ended: as usual again, or not raised by what is known now
    words: tuple[FlagWord, ...]  # every word about it, in order


@dataclass(frozen=True, slots=True)
class Health:
    """Every animal over time, and every flag with people's words."""

    park: Park
    animals: dict[int, Assessed]
    flags: tuple[FlagRow, ...]  # those that stand first

    def flags_of(self, individual_id: int) -> tuple[FlagRow, ...]:
        """The flags of one animal."""
        return tuple(row for row in self.flags if row.flag.individual_id == individual_id)


def read_health(store: Store, *, deployments: Iterable[Deployment] = (), until: date | None = None) -> Health:
    """Work out every flag from what the archive holds, and set people's words beside them.

    Args:
        store: the archive.
        deployments: as for `read_park`.
        until: as for `read_park`.

    Raises:
        NotFoundError: no video of the archive is dated.
    """
    park = read_park(store, deployments=deployments, until=until)
    registry = read_registry(store)
    words = read_words(store)
    animals = assess(park, _dismissed(words, registry))
    return Health(park, animals, _rows(park, animals, words, registry))


def say(store: Store, flag_id: str, said: Said, by: By, *, deployments: Iterable[Deployment] = ()) -> FlagWord:
    """Keep a person's word about a flag.

    Args:
        store: the archive.
        flag_id: as `ethotrap health flags` lists it.
        said: what.
        by: who, when, and why.
        deployments: as for `read_park`.

    Raises:
        NotFoundError: no such flag.
        RegistryError: a flag that nobody acknowledged or dismissed cannot be opened again.
    """
    row = next((one for one in read_health(store, deployments=deployments).flags if one.flag.flag_id == flag_id), None)
    if row is None:
        raise NotFoundError(f"no flag {flag_id!r}; `ethotrap health flags --all` lists what there is")
    if said is Said.REOPEN and (not row.words or row.words[-1].said is Said.REOPEN):
        raise RegistryError(f"flag {flag_id} is open already: nobody has acknowledged or dismissed it")
    with store.writing() as connection:
        number = 1 + (connection.scalar(select(func.max(flag_word.c.number))) or 0)
        word = FlagWord(
            number,
            flag_id,
            row.flag.individual_id,
            row.flag.rule,
            said,
            by.who,
            by.at,
            by.note,
            row.flag.evidence,
            row.flag,
        )
        _write(connection, word)
    return word


def read_words(store: Store) -> list[FlagWord]:
    """Every word ever, in order."""
    with store.reading() as connection:
        return [_word(row) for row in connection.execute(select(flag_word).order_by(flag_word.c.number))]


def _dismissed(words: Sequence[FlagWord], registry: Registry) -> Dismissed:
    """The sightings that dismissals, not opened again since, say are nothing out of the ordinary.

    They are so for the animal that the flag was about, and for the one that has the sightings since a split.
    """
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for last in (said[-1] for said in _by_flag(words).values()):
        animal = registry.present(last.individual_id)
        if last.said is not Said.DISMISS:
            continue
        if animal is not None:
            found[animal.individual_id, last.rule] |= set(last.evidence)
        for one in filter(None, map(registry.sightings.get, last.evidence)):
            if one.individual_id is not None:
                found[one.individual_id, last.rule].add(one.seen.sighting_id)
    return {about: frozenset(sightings) for about, sightings in found.items()}


def _rows(
    park: Park, animals: dict[int, Assessed], words: Sequence[FlagWord], registry: Registry
) -> tuple[FlagRow, ...]:
    by_flag = _by_flag(words)
    raised = {flag.flag_id: flag for one in animals.values() for flag in one.flags}
    rows = [
        FlagRow(flag, _state(by_flag.get(key, ()), ended=flag.ended is not None), tuple(by_flag.get(key, ())))
        for key, flag in raised.items()
    ]
    for key, said in by_flag.items():  # dismissed ones, and those that what is known now does not raise
        animal, flag = registry.present(said[-1].individual_id), said[-1].flag
        if key not in raised and animal is not None and flag.raised.date() <= park.until:
            flag = replace(flag, individual_id=animal.individual_id, code=animal.code)
            rows.append(FlagRow(flag, _state(said, ended=True), tuple(said)))
    return tuple(sorted(rows, key=lambda row: (row.state in ("dismissed", "ended"), *order(row.flag))))


def _state(said: Sequence[FlagWord], *, ended: bool) -> str:
    last = said[-1].said if said else Said.REOPEN
    if last is Said.DISMISS:
        return "dismissed"
    if ended:
        return "ended"
    return "acknowledged" if last is Said.ACKNOWLEDGE else "open"


def _by_flag(words: Sequence[FlagWord]) -> dict[str, list[FlagWord]]:
    found: dict[str, list[FlagWord]] = defaultdict(list)
    for word in words:
        found[word.flag_id].append(word)
    return dict(found)


def _write(connection: Connection, word: FlagWord) -> None:
    row = {
        "number": word.number,
        "flag_id": word.flag_id,
        "individual_id": word.individual_id,
        "rule": word.rule,
        "kind": word.said.value,
        "who": word.who,
        "at": word.at,
        "note": word.note,
        "evidence": list(word.evidence),
        "flag": as_json(word.flag),
    }
    connection.execute(flag_word.insert(), row)


def _word(row: Row[Any]) -> FlagWord:
    return FlagWord(
        row.number,
        row.flag_id,
        row.individual_id,
        row.rule,
        Said(row.kind),
        row.who,
        row.at,
        row.note,
        tuple(row.evidence),
        _flag(row.flag),
    )


def _flag(kept: dict[str, Any]) -> Flag:
    times = {name: kept[name] and datetime.fromisoformat(kept[name]) for name in ("began", "raised", "ended")}
    return Flag(**{**kept, **times, "severity": Severity(kept["severity"]), "evidence": tuple(kept["evidence"])})
