"""The census of a small archive whose truth is known."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.individuals.animals import Flank, Known, LifeStage, Sex
from pipeline.individuals.census import Counted, take_census
from pipeline.individuals.decisions import Traits
from pipeline.individuals.effort import Effort, effort
from pipeline.individuals.registry import Registry
from pipeline.store import identities
from pipeline.store.counting import census, years_with_sightings
from pipeline.store.identities import By
from pipeline.store.open import open_store
from pipeline.values import Deployment
from tests.store.archive_samples import animal, captured, footage, found, stored

ANNA = By("anna", at=datetime(2026, 3, 1, tzinfo=UTC))
BOTH, LEFT, RIGHT = (Flank.LEFT, Flank.RIGHT), (Flank.LEFT,), (Flank.RIGHT,)
ADULT = {"stage": LifeStage.ADULT, "stage_from": date(2023, 1, 1)}
YEAR = (date(2025, 1, 1), date(2025, 12, 31))
NOBODY = Effort(0, 0, 0, 0, None, ())


def local(text):
    return datetime.fromisoformat(f"{text}T12:00:00+10:00")


def out(name, place, start, end):
    return Deployment(name, place, 43.0, 131.0, start and local(start), end and local(end), "Asia/Vladivostok")


RIVER = out("river-a", "river", "2025-01-01", "2025-01-11")
PAIRED = out("river-b", "river", "2025-01-06", "2025-01-16")
HILL = out("hill-a", "hill", "2024-12-25", None)


class Archive:
    """Films animals and has people recognise them."""

    def __init__(self, folder):
        self.store = open_store(folder)
        self.videos = 0

    def film(self, day, place=RIVER, called="leopard"):
        self.videos += 1
        time = captured(local(day).astimezone(UTC)) if day else None
        video = replace(footage(f"/card/{self.videos}.MP4", deployment=place), captured=time)
        stored(self.store, found(video, [animal(1, species=called)]))
        return f"{video.media_id}.1"

    def new(self, code, day, flanks=BOTH, place=RIVER, mother=None, called="leopard", **traits):
        track = self.film(day, place, called)
        identities.new(
            self.store, ANNA, track_id=track, code=code, flanks=flanks, mother=mother, traits=Traits(**traits)
        )

    def again(self, code, day, flanks=BOTH, place=RIVER):
        identities.confirm(self.store, self.film(day, place), code, ANNA, flanks=flanks)


@pytest.fixture(scope="module")
def park(tmp_path_factory):
    """Three years of a park, written down by hand."""
    park = Archive(tmp_path_factory.mktemp("park"))
    cub = {"stage": LifeStage.CUB}
    park.new("Leo 1F", "2023-05-01", **ADULT)
    park.again("Leo 1F", "2025-03-01")
    park.again("Leo 1F", "2026-02-01")
    park.new("Leo 2F", "2025-12-31", **ADULT)
    park.new("Leo 3M", "2025-01-01", **ADULT)
    park.new("Leo 4", "2025-06-01", **ADULT)
    park.new("Leo 5M", "2023-12-31", **ADULT)  # not seen for exactly 12 months, and a day
    park.new("Leo 6F", "2024-06-01", **ADULT, died=date(2025, 2, 1))
    park.new("Leo 7F", "2024-07-01", mother="Leo 1F", born=date(2023, 6, 1))  # adolescent when first seen in 2025
    park.again("Leo 7F", "2025-02-01")
    park.new("Leo 8", "2025-05-01", LEFT, mother="Leo 1F", born=date(2025, 2, 1))  # a litter of two
    park.new("Leo 9", "2025-05-01", mother="Leo 1F", **cub, stage_from=date(2025, 5, 1))
    park.new("Leo 10", "2025-08-01", mother="Leo 2F", born=date(2024, 9, 1))
    park.new("Leo 11F", "2025-04-01", LEFT, **ADULT)
    park.new("Leo 12F", "2025-04-02", RIGHT, **ADULT)
    park.new("Leo 13M", "2025-04-03", RIGHT, **ADULT)
    park.new(None, "2025-07-01", LEFT)
    park.new("Leo 14M", "2025-09-09")  # nobody said how old
    park.new("Leo 15F", None, **ADULT)  # undated
    park.new("Leo 16M", "2026-01-01", **ADULT)  # after the year
    park.film("2025-01-05", HILL)
    park.film("2025-01-15", PAIRED)
    return park.store


@pytest.fixture(scope="module")
def year(park):
    (found,) = census(park, [YEAR])
    return found


def codes(animals):
    return sorted(one.code for one in animals)


def test_adults_are_counted_by_sex_and_adolescents_apart(year):
    assert codes(year.adults) == ["Leo 1F", "Leo 2F", "Leo 3M", "Leo 4"]
    assert year.by_sex == {"female": 2, "male": 1, "unknown": 1}
    assert codes(year.adolescents) == ["Leo 7F"]
    assert codes(year.unknown_age) == ["Leo 14M"]


def test_cubs_are_listed_by_litter_with_their_mother_and_never_among_the_others(year):
    assert {(one.mother, one.born): codes(one.cubs) for one in year.litters} == {
        ("Leo 1F", 2025): ["Leo 8", "Leo 9"],
        ("Leo 2F", 2024): ["Leo 10"],
    }


def test_new_and_missed_and_dead_animals_are_named(year):
    new = ["Leo 2F", "Leo 3M", "Leo 4", "Leo 8", "Leo 9", "Leo 10", "Leo 14M", "Leo 11F", "Leo 12F", "Leo 13M"]
    assert sorted(year.new) == sorted(new)
    assert codes(year.not_seen) == ["Leo 15F", "Leo 5M"]
    assert codes(year.died) == ["Leo 6F"]
    assert year.undated_sightings == 1


@pytest.mark.parametrize(("months", "missed"), [(24, True), (25, False)])
def test_not_seen_for_so_many_months_is_to_the_day(park, months, missed):
    (found,) = census(park, [YEAR], not_seen_months=months)
    assert ("Leo 5M" in codes(found.not_seen)) == missed


def test_one_flank_and_provisional_records_are_kept_apart(year):
    assert codes(year.one_flank) == ["Leo 11F", "Leo 12F", "Leo 13M"]
    assert codes(year.provisional) == ["unknown-1"]
    assert (year.adults_at_least, year.adults_at_most) == (6, 7)


def test_once_somebody_links_the_flanks_there_is_one_animal(park):
    identities.link(park, "Leo 11F", "Leo 12F", ANNA)
    (linked,) = census(park, [YEAR])
    assert codes(linked.one_flank) == ["Leo 13M"]
    assert "Leo 11F" in codes(linked.adults)
    assert (linked.adults_at_least, linked.adults_at_most) == (6, 6)
    identities.undo(park, ANNA)
    assert census(park, [YEAR])[0].adults_at_most == 7


def test_the_years_before_do_not_know_what_came_after(park):
    assert years_with_sightings(park) == [2023, 2024, 2025, 2026]
    found = census(park, [(date(year, 1, 1), date(year, 12, 31)) for year in (2023, 2024)])
    assert [codes(one.adults) for one in found] == [["Leo 1F", "Leo 5M"], ["Leo 6F"]]
    assert [codes(one.not_seen) for one in found] == [["Leo 15F"], ["Leo 15F", "Leo 1F", "Leo 5M"]]
    assert [codes(one.adolescents) for one in found] == [[], ["Leo 7F"]]
    assert [[codes(one.cubs) for one in year.litters] for year in found] == [[], []]


def test_another_species_is_not_counted(park):
    assert codes(census(park, [YEAR], species="leopard")[0].adults) == ["Leo 1F", "Leo 2F", "Leo 3M", "Leo 4"]
    assert census(park, [YEAR], species="tiger")[0].adults == ()


def test_animals_of_unknown_species_are_named_where_one_species_is_counted(tmp_path):
    park = Archive(tmp_path)
    park.new("Leo 1F", "2025-03-01", **ADULT)
    park.new("Leo 2F", "2025-03-01", called="unknown", **ADULT)
    park.new("Leo 3F", "2024-03-01", called="unknown", **ADULT)  # not seen in the year
    park.new("Tig 1F", "2025-03-01", called="tiger", **ADULT)
    (leopards,) = census(park.store, [YEAR], species="leopard")
    assert (codes(leopards.adults), leopards.unknown_species) == (["Leo 1F"], ("Leo 2F",))
    (every,) = census(park.store, [YEAR])
    assert (codes(every.adults), every.unknown_species) == (["Leo 1F", "Leo 2F", "Tig 1F"], ())


def test_effort_stands_beside_the_count(park):
    (january,) = census(park, [(date(2025, 1, 1), date(2025, 1, 31))])
    assert january.effort == Effort(
        deployments=3,
        trap_nights=10 + 10 + 4,  # the hill's trap has no end: it counts up to its last video
        station_nights=15 + 4,  # five nights were watched by both cameras of the river
        stations=2,
        stations_active=19 / 62,
        unknown=(),
    )
    silent = out("ridge-a", "ridge", "2025-01-01", "2025-01-03")
    (every,) = census(park, [(date(2025, 1, 1), date(2025, 1, 31))], deployments=[RIVER, silent])
    assert (every.effort.trap_nights, every.effort.stations) == (10 + 10 + 4 + 2, 3)


def test_a_deployment_without_days_is_named_and_not_guessed():
    nameless = [out("a", "river", None, "2025-01-11"), out("b", "river", "2025-01-01", None)]
    assert effort(nameless, {}, *YEAR).unknown == ("a", "b")
    assert effort(nameless, {}, *YEAR).trap_nights == 0


@given(st.dates(date(2025, 1, 1), date(2025, 3, 1)), st.integers(0, 40), st.integers(0, 59), st.integers(0, 40))
def test_trap_nights_are_the_nights_of_the_period_on_which_the_camera_was_out(start, nights, offset, length):
    first = date(2025, 1, 1) + timedelta(days=offset)
    period = (first, first + timedelta(days=length))
    one = out("a", "river", start.isoformat(), (start + timedelta(days=nights)).isoformat())
    expected = sum(period[0] <= start + timedelta(days=night) <= period[1] for night in range(nights))
    assert effort([one], {}, *period).trap_nights == expected


stretches = st.tuples(st.sampled_from(["", "left", "right"]), st.integers(1, 40), st.integers(0, 40))


@given(st.lists(stretches, max_size=4))
def test_no_camera_watches_more_than_once_a_night_and_no_station_more_than_its_cameras(found):
    """Two deployments of one camera overlap where a row was split and some videos stayed in the old one."""
    days = [(date(2025, 1, 1) + timedelta(days=start), length) for _, start, length in found]
    rows = [
        replace(out(f"d{n}", "river", day.isoformat(), (day + timedelta(days=length)).isoformat()), camera_id=camera)
        for n, ((camera, _, _), (day, length)) in enumerate(zip(found, days, strict=True))
    ]
    watched = {
        (row.camera_id or row.deployment_id, day + timedelta(days=night))
        for row, (day, length) in zip(rows, days, strict=True)
        for night in range(length)
    }
    told = effort(rows, {}, *YEAR)
    assert told.trap_nights == len(watched)
    assert told.station_nights == len({night for _, night in watched})


def test_the_effort_of_all_time_can_be_asked_for():
    assert effort([RIVER], {}, date.min, date.max).trap_nights == 10


def one_flank(number, sex, side):
    return Counted(f"L{number}", (), sex, LifeStage.ADULT, None, side, False, 1, None, None)


sexes = st.lists(st.sampled_from([None, *Sex]), max_size=4)


@given(sexes, sexes)
def test_the_fewest_adults_pair_as_many_flanks_as_sexes_allow(left, right):
    nobody = take_census(Registry(), {}, *YEAR, NOBODY)
    records = [one_flank(n, sex, Known.LEFT_ONLY) for n, sex in enumerate(left)]
    records += [one_flank(n, sex, Known.RIGHT_ONLY) for n, sex in enumerate(right)]
    counted = replace(nobody, one_flank=tuple(records))
    partners = [*right, *["nobody"] * max(0, len(left) - len(right))]
    most = max(
        sum(b != "nobody" and (not a or not b or a == b) for a, b in zip(left, order, strict=False))
        for order in permutations(partners)
    )
    assert counted.adults_at_most == len(left) + len(right)
    assert counted.adults_at_least == len(left) + len(right) - most


def test_the_plot_can_be_read_in_grey(park, tmp_path):
    import cv2
    import numpy as np

    from pipeline.individuals.census_plot import plot_years

    years = census(park, [(date(year, 1, 1), date(year, 12, 31)) for year in years_with_sightings(park)])
    plot_years(years, tmp_path / "census.png")
    picture = cv2.imread(str(tmp_path / "census.png"))
    assert picture.shape[1] > 900
    assert np.ptp(picture, axis=2).max() == 0  # no colour carries anything
    shades = Counter(picture[:, :, 0].ravel().tolist())
    assert len([shade for shade, pixels in shades.items() if pixels > 2000]) >= 4
