"""Decisions about made-up animals, for the tests of the registry."""

from datetime import UTC, datetime, timedelta

from pipeline.individuals.animals import Flank, Seen
from pipeline.individuals.decisions import Confirm, Decided, New, Traits
from pipeline.individuals.registry import add

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEFT, RIGHT = (Flank.LEFT,), (Flank.RIGHT,)


def seen(number, flanks=(), media="video"):
    return Seen(f"sighting-{number}", f"{media}-{number}", 0.0, 10.0, (0.1, 0.2, 0.3, 0.4), flanks)


def new(code, at=None, flanks=(), **traits):
    return New(code, code.startswith("unknown-"), None if at is None else seen(at, flanks), Traits(**traits))


def confirm(individual, at, flanks=()):
    return Confirm(individual, seen(at, flanks))


def decided(log, decision):
    number = len(log) + 1
    return Decided(number, "anna", NOON + timedelta(minutes=number), "", decision)


def registry_of(*decisions):
    """The registry after these decisions, each of which must be allowed."""
    log = []
    registry = None
    for one in decisions:
        registry = add(log, decided(log, one))
        log.append(decided(log, one))
    return registry
