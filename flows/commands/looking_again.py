"""What people who decide about individuals should look at again: whose word gave way, what cannot be of one animal."""

from collections.abc import Sequence

from flows.commands.display import err_console
from pipeline.individuals.registry import Registry
from pipeline.store.identities import read_registry
from pipeline.store.individual_rows import SightingRow, seen_at_once, sighting_rows
from pipeline.store.open import Store


def recognised_on(store: Store, track: str | None) -> SightingRow | None:
    """What people last said about who a track shows; None if nobody did, or no track is meant."""
    return None if track is None else _shown_by(sighting_rows(store), track)


def say_of_track(store: Store, track: str | None, before: SightingRow | None) -> None:
    """Say, on standard error, if a decision about a track contradicts an earlier one or what is known of the animal.

    Args:
        store: the archive, in which the decision is made.
        track: which it was about; None: about none.
        before: what `recognised_on` gave before.
    """
    if track is None:
        return
    seen = sighting_rows(store)
    now = _shown_by(seen, track)
    if now is None:
        return
    if before is not None and before.individual != now.individual:
        err_console.print(
            f"Until now it was {before.individual}, said {before.who} on {before.at:%Y-%m-%d} (decision"
            f" {before.decision}).",
            highlight=False,
            soft_wrap=True,
        )
    _say_at_once([now], [one for one in seen if one.individual == now.individual])
    _say_outside_life(read_registry(store), [now])


def say_of_animal(store: Store, code: str) -> None:
    """Say, on standard error, if an animal was seen before it was born or after it died.

    Raises:
        NotFoundError: nobody bears the code.
    """
    registry = read_registry(store)
    animal = registry.find(code)
    if animal.born is not None or animal.died is not None:
        _say_outside_life(registry, [one for one in sighting_rows(store) if one.individual == animal.code])


def say_before_merging(store: Store, kept: str, absorbed: str) -> None:
    """Say, on standard error, if the animals of two codes were seen in two places at once.

    Raises:
        NotFoundError: nobody bears one of the codes.
    """
    registry, seen = read_registry(store), sighting_rows(store)
    one, other = (registry.find(code).code for code in (kept, absorbed))
    if one != other:
        _say_at_once(*([row for row in seen if row.individual == code] for code in (one, other)))


def _shown_by(seen: Sequence[SightingRow], track: str) -> SightingRow | None:
    return next((one for one in seen if track in one.tracks and one.individual is not None), None)


def _say_at_once(some: Sequence[SightingRow], others: Sequence[SightingRow]) -> None:
    if places := seen_at_once(some, others):
        err_console.print(f"Look again: seen at the same time in {'; '.join(places)}.", soft_wrap=True)


def _say_outside_life(registry: Registry, seen: Sequence[SightingRow]) -> None:
    for one in seen:
        if one.individual is None or one.captured_at is None:
            continue
        animal, day = registry.find(one.individual), one.captured_at.date()
        if animal.died is not None and day > animal.died:
            words = f"{animal.code} died on {animal.died}, and was seen on {day}"
        elif animal.born is not None and day < animal.born:
            words = f"{animal.code} was born on {animal.born}, and was seen on {day}"
        else:
            continue
        err_console.print(f"Look again: {words}, in {one.media}.", highlight=False, soft_wrap=True)
