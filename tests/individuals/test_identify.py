import numpy as np
import pytest

from pipeline.individuals.calibration import read_calibration
from pipeline.individuals.identify import Identification, identify
from pipeline.individuals.matching import Gallery, KnownView, build_gallery, match
from pipeline.individuals.pattern import Pattern, describe
from tests.individuals.painted import paint, seen_anew

COATS = range(6)


@pytest.fixture(scope="module")
def galleries() -> dict[str, Gallery]:
    views = [
        KnownView(f"Leo {coat}", f"{coat}-{flank}", flank, describe(*paint(coat, flank)))
        for coat in COATS
        for flank in ("left", "right")
    ]
    return {flank: build_gallery(views, flank) for flank in ("left", "right")}


def seen(coat: int, flank: str = "right") -> Pattern:
    return describe(*seen_anew(*paint(coat, flank), coat))


def ask(galleries: dict[str, Gallery], query: Pattern, flank: str, known: int | None = None) -> Identification:
    return identify(query, flank, galleries, read_calibration(), known)


@pytest.mark.parametrize("coat", COATS)
def test_a_known_coat_is_the_first_candidate_though_seen_from_elsewhere_in_infrared_and_out_of_focus(
    galleries: dict[str, Gallery], coat: int
) -> None:
    answer = ask(galleries, seen(coat), "right")
    assert answer.candidates[0].match.individual == f"Leo {coat}"
    assert answer.candidates[0].probability > 0.9


@pytest.mark.parametrize("stranger", [101, 102, 103])
def test_a_coat_that_nobody_knows_is_likelier_new_than_any_known_individual(
    galleries: dict[str, Gallery], stranger: int
) -> None:
    answer = ask(galleries, seen(stranger), "right")
    assert answer.new > 0.5
    assert all(candidate.probability < 0.2 for candidate in answer.candidates)


def test_the_left_flank_of_a_known_individual_resembles_no_right_flank(galleries: dict[str, Gallery]) -> None:
    left = seen(0, "left")
    assert ask(galleries, left, "left").candidates[0].match.individual == "Leo 0"
    assert all(candidate.probability < 0.2 for candidate in ask(galleries, left, "right").candidates)
    only_right = {"right": galleries["right"]}
    assert ask(only_right, left, "left", known=6).cannot_tell == 1


def test_a_gallery_holds_the_views_of_its_own_flank_alone(galleries: dict[str, Gallery]) -> None:
    assert {view.flank for view in galleries["left"].views} == {"left"}


def test_probabilities_of_same_new_and_cannot_tell_sum_to_one(galleries: dict[str, Gallery]) -> None:
    for coat in (0, 101):
        answer = ask(galleries, seen(coat), "right", known=9)
        assert answer.same + answer.new + answer.cannot_tell == pytest.approx(1)
        assert answer.same == pytest.approx(sum(candidate.probability for candidate in answer.candidates))


def test_without_a_pattern_nothing_can_be_told(galleries: dict[str, Gallery]) -> None:
    picture, mask = paint(0)
    plain = describe(np.full_like(picture, 120), mask)
    assert len(plain) == 0
    answer = ask(galleries, plain, "right")
    assert (answer.candidates, answer.cannot_tell) == ((), 1)
    assert "no pattern" in answer.reason


def test_an_animal_from_the_front_is_not_compared(galleries: dict[str, Gallery]) -> None:
    answer = ask(galleries, seen(0), "other")
    assert answer.cannot_tell == 1
    assert "flank" in answer.reason


def test_known_individuals_whose_flank_was_never_seen_keep_a_stranger_from_being_called_new(
    galleries: dict[str, Gallery],
) -> None:
    assert ask(galleries, seen(101), "right", known=60).new < 0.15


def test_where_nobody_is_known_an_animal_with_a_clear_pattern_is_new() -> None:
    assert ask({}, seen(0), "right", known=0).new > 0.5


def test_an_individual_registered_twice_does_not_hide_itself(galleries: dict[str, Gallery]) -> None:
    twice = KnownView("Leo 0 again", "x", "right", describe(*seen_anew(*paint(0), 7)))
    names = [one.individual for one in match(seen(0), build_gallery([*galleries["right"].views, twice], "right"))]
    assert set(names[:2]) == {"Leo 0", "Leo 0 again"}


def test_one_known_individual_is_told_from_a_stranger() -> None:
    gallery = {"right": build_gallery([KnownView("Leo 0", "a", "right", describe(*paint(0)))], "right")}
    assert ask(gallery, seen(0), "right").same > 0.9
    assert ask(gallery, seen(101), "right").same < 0.2


def test_the_same_question_has_the_same_answer_in_whatever_order_the_views_come(galleries: dict[str, Gallery]) -> None:
    again = build_gallery(reversed(galleries["right"].views), "right")
    first, second = match(seen(2), galleries["right"]), match(seen(2), again)
    assert [(one.individual, one.view, one.score) for one in first] == [
        (one.individual, one.view, one.score) for one in second
    ]
    assert all(np.array_equal(one.points, other.points) for one, other in zip(first, second, strict=True))


def test_matched_points_lie_on_the_animal_in_both_pictures(galleries: dict[str, Gallery]) -> None:
    picture, mask = seen_anew(*paint(1), 1)
    best = match(describe(picture, mask), galleries["right"])[0]
    _, known_mask = paint(1)
    assert len(best.points) >= 10
    for (x, y), where in ((best.points[:, :2].T, mask), (best.points[:, 2:].T, known_mask)):
        assert where[(y * where.shape[0]).astype(int), (x * where.shape[1]).astype(int)].all()
