"""The made-up archive is what it says, and the census of its database counts what a person saw in it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.evaluate.health_archive import census_of, count
from models.simulate.archive.animals import LITTERS, Trouble
from models.simulate.archive.histories import known_park
from models.simulate.archive.writing import MadePark, make_park, write_park
from pipeline.health.history import Park
from pipeline.store.health import read_park
from pipeline.store.open import Store, open_store


@pytest.fixture(scope="module")
def made() -> MadePark:
    """Every ninth video of a park."""
    whole = make_park(3)
    return replace(whole, filmed=whole.filmed[::9])


@pytest.fixture(scope="module")
def store(made: MadePark, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = open_store(tmp_path_factory.mktemp("made"))
    write_park(made, store)
    return store


def test_equal_seeds_make_equal_parks_of_forty_animals() -> None:
    one = make_park(5)
    assert one == make_park(5)
    assert one.cast.animals != make_park(6).cast.animals
    assert len(one.cast.animals) == 40
    assert {animal.trouble for animal in one.cast.animals} == {None, *Trouble}
    assert sum(animal.mother is not None for animal in one.cast.animals) == sum(LITTERS)
    for filmed in one.filmed:
        assert filmed.deployment.start <= filmed.at < filmed.deployment.end
        gone = [one.cast.animals[shown.animal].here_until for shown in filmed.shown]
        assert all(day is None or filmed.at.date() <= day + timedelta(days=1) for day in gone)


def test_the_census_equals_the_truth_where_coats_were_seen_and_says_what_it_cannot_know(
    made: MadePark, store: Store
) -> None:
    found = census_of(made, store)
    wrong = [row for row in count(made, found) if row.counted != row.truth]
    assert wrong == []
    assert found.by_sex["unknown"] > 0
    assert found.provisional
    assert found.adults_at_least <= found.adults_at_most
    assert found.undated_sightings > 0
    nights = sum(len(station.watched) for station in made.stations)
    assert found.effort.trap_nights == nights


def test_the_archive_gives_back_every_sighting_that_was_put_in(made: MadePark, store: Store) -> None:
    deployments = [one for station in made.stations for one in station.deployments]
    read, known = read_park(store, deployments=deployments), known_park(made)

    assert seen_in(read) == seen_in(known)
    assert read.nights == known.nights
    assert sum(one.undated for one in read.histories.values()) == sum(one.undated for one in known.histories.values())


def seen_in(park: Park) -> list[tuple[str, ...]]:
    return sorted(
        (
            str(visit.at.timestamp()),
            visit.location,
            str(visit.value("girth_length")),
            str(visit.near_people),
            str(len(visit.company)),
        )
        for history in park.histories.values()
        for visit in history.visits
    )
