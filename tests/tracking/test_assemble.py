from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.settings import load_settings
from pipeline.tracking.assemble import Chain, assemble, fleeting
from pipeline.tracking.link import Sighting
from tests.tracking.scenes import Box, sighting

HELD = float("nan")
RATE_HZ = 6
HERE, FAR = (0.3, 0.4, 0.2, 0.2), (0.7, 0.1, 0.2, 0.2)

Assemble = Callable[..., list[Chain]]


@pytest.fixture
def put_together() -> Assemble:
    """Chains out of lists of sightings, the linker's ids being 1, 2, ..."""

    def run(*tracks: list[Sighting], known: bool = False, **changes: Any) -> list[Chain]:
        settings = load_settings(environment={}).tracking.model_copy(update=changes)
        return assemble(dict(enumerate(tracks, start=1)), settings, lambda _: known)

    return run


def staying(start: float, end: float, box: Box = HERE, score: float = 0.8) -> list[Sighting]:
    return [sighting(t, box, score) for t in np.arange(start, end, 1 / RATE_HZ)]


def walking(start: float, end: float, speed: float, box: Box = HERE) -> list[Sighting]:
    """`speed` in picture widths a second to the right, from `box` at time 0."""
    x, y, w, h = box
    return [sighting(t, (x + speed * t, y, w, h)) for t in np.arange(start, end, 1 / RATE_HZ)]


def panned(sightings: list[Sighting], drift: float) -> list[Sighting]:
    """The same, seen by a camera that has turned: the scene lies `drift` picture widths further right."""
    moved = []
    for one in sightings:
        x, y, w, h = one.box
        moved.append(replace(one, box=(x + drift, y, w, h), drift=(drift, 0.0)))
    return moved


def ids(chains: Sequence[Chain]) -> list[tuple[int, ...]]:
    return [chain.ids for chain in chains]


class TestOrder:
    def test_tracks_are_in_order_of_appearance(self, put_together: Assemble) -> None:
        chains = put_together(staying(3, 6, FAR), staying(0, 6, HERE))
        assert ids(chains) == [(2,), (1,)]
        assert chains[0].start == 0

    def test_nothing_seen_is_nothing(self, put_together: Assemble) -> None:
        assert put_together() == []
        assert put_together([]) == []


class TestJoining:
    def test_a_track_torn_where_it_stays_is_joined(self, put_together: Assemble) -> None:
        (chain,) = put_together(staying(0, 3), staying(5, 8))
        assert chain.ids == (1, 2)
        assert chain.start == 0
        assert chain.end == pytest.approx(8 - 1 / RATE_HZ)
        assert np.all(np.diff(chain.times()) > 0)

    def test_so_is_one_torn_while_it_walks_on(self, put_together: Assemble) -> None:
        (chain,) = put_together(walking(0, 2, 0.2, (0, 0.4, 0.1, 0.1)), walking(4, 5, 0.2, (0, 0.4, 0.1, 0.1)))
        assert chain.ids == (1, 2)

    def test_but_not_after_too_long(self, put_together: Assemble) -> None:
        assert ids(put_together(staying(0, 3), staying(7, 9), join_gap_s=3.0)) == [(1,), (2,)]

    def test_nor_elsewhere(self, put_together: Assemble) -> None:
        assert ids(put_together(staying(0, 3, HERE), staying(4, 7, FAR))) == [(1,), (2,)]

    def test_nor_if_it_is_suddenly_much_smaller(self, put_together: Assemble) -> None:
        assert ids(put_together(staying(0, 3, HERE), staying(4, 7, (0.4, 0.5, 0.03, 0.03)))) == [(1,), (2,)]

    def test_an_animal_that_stays_is_joined_though_the_camera_turned_while_it_was_lost(
        self, put_together: Assemble
    ) -> None:
        (chain,) = put_together(staying(0, 3, HERE), panned(staying(4, 7, HERE), 0.35))
        assert chain.ids == (1, 2)
        assert chain.boxes()[-1, 0] == pytest.approx(HERE[0] + 0.35)  # where it lies in the picture

    def test_and_another_that_the_turned_camera_sees_in_its_place_is_not(self, put_together: Assemble) -> None:
        x, y, w, h = HERE
        elsewhere = (x - 0.5, y, w, h)
        assert ids(put_together(staying(0, 3, HERE), panned(staying(4, 7, elsewhere), 0.5))) == [(1,), (2,)]

    def test_several_parts_make_one(self, put_together: Assemble) -> None:
        (chain,) = put_together(staying(0, 2), staying(3, 5), staying(6, 8))
        assert chain.ids == (1, 2, 3)

    def test_a_box_that_takes_over_from_one_within_it_is_the_same_animal(self, put_together: Assemble) -> None:
        """The detector boxed the head for a while, then head and body, then only the body."""
        head, body = (0.35, 0.42, 0.1, 0.1), (0.3, 0.4, 0.3, 0.2)
        (chain,) = put_together(staying(0, 4, head), staying(3, 8, body))
        assert chain.ids == (1, 2)
        assert len(chain.sightings) == len({s.frame for s in chain.sightings}) == 8 * RATE_HZ

    def test_two_animals_side_by_side_stay_two(self, put_together: Assemble) -> None:
        beside = (0.4, 0.4, 0.2, 0.2)
        assert ids(put_together(staying(0, 4, HERE), staying(3, 8, beside))) == [(1,), (2,)]

    def test_of_two_sightings_in_one_picture_the_one_that_was_seen_and_surer_stays(
        self, put_together: Assemble
    ) -> None:
        twice = [sighting(1, HERE, HELD), sighting(1, FAR, 0.4), sighting(1, HERE, 0.9), sighting(1, FAR, 0.5)]
        (chain,) = put_together([*twice, *staying(1.1, 3)])
        assert chain.sightings[0].score == 0.9
        assert chain.sightings[0].box == HERE


class TestWhatIsNoAnimal:
    def test_a_flicker_is_dropped(self, put_together: Assemble) -> None:
        assert put_together(staying(0, 2 / RATE_HZ), min_seen=3) == []

    def test_held_sightings_do_not_count_as_seen(self, put_together: Assemble) -> None:
        assert put_together([*staying(0, 2 / RATE_HZ), *staying(1, 9, score=HELD)], min_seen=3) == []

    def test_a_bush_that_stays_faint_is_dropped(self, put_together: Assemble) -> None:
        assert put_together(staying(0, 20, score=0.3), peak_score=0.4) == []

    def test_what_stays_faint_is_kept_where_its_species_is_known(self, put_together: Assemble) -> None:
        assert len(put_together(staying(0, 20, score=0.3), peak_score=0.4, known=True)) == 1

    def test_what_is_seen_twice_is_dropped_whatever_it_looks_like(self, put_together: Assemble) -> None:
        assert put_together(staying(0, 2 / RATE_HZ, score=0.3), min_seen=3, known=True) == []

    def test_an_animal_that_was_clear_for_a_moment_is_kept(self, put_together: Assemble) -> None:
        faint, clear = staying(0, 10, score=0.1), staying(10, 10.6, score=0.7)
        assert len(put_together([*faint, *clear], peak_score=0.4)) == 1

    def test_a_head_boxed_by_itself_inside_its_animal_is_dropped(self, put_together: Assemble) -> None:
        head, body = (0.35, 0.42, 0.1, 0.1), (0.3, 0.4, 0.3, 0.2)
        assert ids(put_together(staying(0, 8, body), staying(2, 5, head))) == [(1,)]

    def test_of_two_that_last_as_long_the_surer_one_inside_is_kept(self, put_together: Assemble) -> None:
        cub, bush = (0.35, 0.42, 0.1, 0.1), (0.3, 0.4, 0.3, 0.2)
        chains = put_together(staying(0, 8, bush, score=0.3), staying(0, 8, cub, score=0.8), peak_score=0.2)
        assert ids(chains) == [(2,)]

    def test_an_animal_whose_head_is_seen_more_surely_for_a_while_is_kept(self, put_together: Assemble) -> None:
        head, body = (0.35, 0.42, 0.1, 0.1), (0.3, 0.4, 0.3, 0.2)
        assert ids(put_together(staying(0, 8, body, score=0.5), staying(2, 5, head, score=0.9))) == [(1,)]

    def test_a_leg_that_is_seen_more_surely_than_the_animal_around_it_is_dropped(self, put_together: Assemble) -> None:
        leg, body = (0.35, 0.5, 0.05, 0.1), (0.3, 0.4, 0.3, 0.2)
        assert ids(put_together(staying(0, 8, body, score=0.5), staying(0, 8, leg, score=0.9))) == [(1,)]

    def test_one_half_as_large_as_the_other_around_it_is_kept(self, put_together: Assemble) -> None:
        young, mother = (0.3, 0.4, 0.15, 0.2), (0.3, 0.4, 0.3, 0.2)
        chains = put_together(staying(0, 8, mother, score=0.6), staying(0, 8, young, score=0.9))
        assert ids(chains) == [(1,), (2,)]

    def test_one_of_a_pair_in_contact_whose_box_lies_within_the_others_is_kept(self, put_together: Assemble) -> None:
        below, above = (0.32, 0.5, 0.2, 0.12), (0.3, 0.4, 0.3, 0.2)
        chains = put_together(staying(0, 8, above), staying(0, 8, below, score=0.5))
        assert ids(chains) == [(1,), (2,)]

    @pytest.mark.parametrize(
        ("until", "score"), [(6, 0.5), (8, 0.35)], ids=["seen for part of the time", "seen faintly"]
    )
    def test_a_part_of_an_animal_seen_otherwise_is_dropped(
        self, put_together: Assemble, until: float, score: float
    ) -> None:
        part, body = (0.32, 0.5, 0.2, 0.12), (0.3, 0.4, 0.3, 0.2)
        assert ids(put_together(staying(0, 8, body), staying(0, until, part, score=score))) == [(1,)]

    def test_a_cub_beside_its_mother_is_kept(self, put_together: Assemble) -> None:
        cub, mother = (0.62, 0.5, 0.08, 0.1), (0.3, 0.4, 0.3, 0.2)
        assert ids(put_together(staying(0, 8, mother), staying(2, 5, cub))) == [(1,), (2,)]


class TestGlimpses:
    """What was too brief for an animal, to be looked at for people."""

    @staticmethod
    def glimpses(*tracks: list[Sighting]) -> list[tuple[int, ...]]:
        settings = load_settings(environment={}).tracking
        return ids(fleeting(dict(enumerate(tracks, start=1)), settings))

    def test_a_clear_one_is_kept(self) -> None:
        assert self.glimpses(staying(0, 1 / RATE_HZ, score=0.7)) == [(1,)]

    def test_a_faint_one_is_not(self) -> None:
        assert self.glimpses(staying(0, 1 / RATE_HZ, score=0.2)) == []

    def test_what_lasts_is_none(self) -> None:
        assert self.glimpses(staying(0, 5)) == []
