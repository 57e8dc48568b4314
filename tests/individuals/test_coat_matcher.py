"""From views to candidates and what they come to."""

import resource
from functools import cache
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.individuals.animals import Flank
from pipeline.individuals.calibration import read_calibration
from pipeline.individuals.coat_matcher import coat_matcher, judge, may_show
from pipeline.individuals.pattern import Pattern, describe, write_pattern
from pipeline.individuals.proposing import View
from tests.individuals.painted import paint, seen_anew

RULE = read_calibration()


@cache
def pattern(coat: int, faces: str, anew: bool) -> Pattern:
    picture, mask = paint(coat, faces)
    return describe(*(seen_anew(picture, mask, coat) if anew else (picture, mask)))


@pytest.fixture
def view(tmp_path: Path):
    """A view of a painted coat; `anew`: seen from elsewhere in infrared."""

    def make(coat: int, faces: str = "right", sure: float = 0.95, anew: bool = False, told: str | None = None) -> View:
        name = f"{coat}-{faces}-{'anew' if anew else 'first'}"
        path = tmp_path / f"{name}.npz"
        write_pattern(pattern(coat, faces, anew), path)
        return View(name, "v.1", 1.0, Flank(told or faces), sure, 0.8, path.with_suffix(".jpg"), path)

    return make


def known(view, coats=range(4)):
    return {10 + coat: [view(coat, faces) for faces in ("left", "right")] for coat in coats}


def test_the_animal_itself_is_the_best_candidate_with_the_views_that_were_compared(view) -> None:
    found = sorted(coat_matcher(known(view))([view(2, anew=True)]), key=lambda one: -one.score)
    assert (found[0].individual_id, found[0].view_id, found[0].known_view_id) == (12, "2-right-anew", "2-right-first")
    assert len(found[0].points) >= 10
    assert all(0 <= value <= 1 for pair in found[0].points for value in pair)
    assert len({one.individual_id for one in found}) == len(found)


def test_of_several_views_the_best_match_with_each_animal_counts(view) -> None:
    rank = coat_matcher(known(view))
    alone = {one.individual_id: one.score for one in rank([view(2, anew=True)])}
    both = {one.individual_id: one.score for one in rank([view(2, "left", anew=True), view(2, anew=True)])}
    assert both[12] >= alone[12]


def test_a_flank_that_may_be_either_is_compared_with_both(view) -> None:
    mistaken = {"told": "left", "anew": True}
    rank = coat_matcher(known(view))
    unsure = max(rank([view(2, sure=0.6, **mistaken)]), key=lambda one: one.score)
    assert unsure.individual_id == 12
    assert unsure.score > 3 * max((one.score for one in rank([view(2, sure=0.95, **mistaken)])), default=0.0)
    assert may_show(view(2, sure=0.95)) == (Flank.RIGHT,)


def test_views_without_a_pattern_or_whose_file_is_gone_say_nothing(view) -> None:
    gone = view(2, anew=True)
    assert gone.pattern is not None
    gone.pattern.unlink()
    assert list(coat_matcher(known(view))([gone])) == []
    assert judge([], [gone], {Flank.RIGHT: 4}, 4, RULE).odds.cannot_tell == 1


def test_a_known_animal_is_likely_one_of_them_and_a_stranger_new(view) -> None:
    rank, covered = coat_matcher(known(view)), {Flank.LEFT: 4, Flank.RIGHT: 4}
    mine, other = view(2, anew=True), view(101, anew=True)
    same = judge(sorted((one.score for one in rank([mine])), reverse=True), [mine], covered, 4, RULE).odds
    new = judge([one.score for one in rank([other])], [other], covered, 4, RULE).odds
    assert same.chances[0] > 0.9
    assert new.new > 0.5
    assert new.same + new.new + new.cannot_tell == pytest.approx(1)


def test_animals_whose_flank_was_never_seen_keep_a_stranger_from_being_new(view) -> None:
    other = view(101, anew=True)
    some, none = (judge([], [other], {Flank.RIGHT: seen}, 8, RULE) for seen in (2, 0))
    assert some.odds.new < 0.3
    assert "was never seen" in some.reason
    assert (none.odds.new, none.reason) == (0, "no right flank of any individual is known")


def test_where_nobody_is_known_an_animal_with_a_clear_pattern_is_new(view) -> None:
    assert judge([], [view(1)], {}, 0, RULE).odds.new > 0.5
    assert judge([], [view(1, sure=0.5)], {}, 0, RULE).reason == "which flank is in view is not sure"


def test_a_disk_without_room_for_the_coats_is_told_in_words(view) -> None:
    everybody = known(view)
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, most))  # to who writes more, that is a disk without room
    try:
        with pytest.raises(StoreError, match=r"no room for the coats.*TMPDIR"):
            coat_matcher(everybody)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))
