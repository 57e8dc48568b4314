import cv2
import numpy as np
import pytest

from pipeline.individuals.calibration import read_calibration
from pipeline.individuals.flanks import tail_side, tell_flank
from pipeline.individuals.outline import cut_out
from pipeline.individuals.views import LONGEST, FlankViews
from tests.individuals.painted import BOX, HEIGHT, WIDTH, outline, paint

RULE = read_calibration().flank


def collector(keep: int = 3) -> FlankViews:
    return FlankViews(RULE, keep=keep)


@pytest.mark.parametrize(("to_right", "flank"), [(0.8, "right"), (-0.8, "left")])
def test_an_animal_that_moves_shows_the_flank_of_its_direction(to_right: float, flank: str) -> None:
    found, probability = tell_flank(RULE, outline("right" if to_right > 0 else "left"), to_right)
    assert found == flank
    assert probability > 0.9


@pytest.mark.parametrize("flank", ["left", "right"])
def test_a_standing_animal_is_told_by_its_tail(flank: str) -> None:
    assert tell_flank(RULE, outline(flank), None)[0] == flank


def test_the_tail_of_a_mirrored_outline_is_on_the_other_side() -> None:
    assert tail_side(outline("right")) == pytest.approx(-tail_side(outline("left")))


def test_an_upright_outline_shows_no_flank() -> None:
    front = np.zeros((200, 200), bool)
    front[20:180, 70:130] = True
    assert tell_flank(RULE, front, 0.0)[0] == "other"


def test_the_sharpest_of_pictures_close_in_time_is_kept() -> None:
    picture, mask = paint(1)
    blurred = np.asarray(cv2.GaussianBlur(picture, (0, 0), 4), np.uint8)
    views = collector()
    for t, offered in ((0.0, blurred), (0.1, picture), (0.2, blurred)):
        views.offer(t, offered, BOX, mask)
    assert [view.t for view in views.views()] == [0.1]


def test_views_are_spread_over_time_and_never_more_than_asked_for() -> None:
    picture, mask = paint(1)
    views = collector(keep=3)
    for number in range(40):
        views.offer(number / 10, picture, BOX, mask, (0.8, 0.0))
        assert len(views.views()) <= 3
    times = sorted(view.t for view in views.views())
    assert len(times) == 3
    assert np.diff(times).min() >= views.spacing_s


def test_a_view_is_cut_to_the_animal_with_its_outline_and_is_not_larger_than_it_needs_to_be() -> None:
    picture, mask = paint(1)
    large = np.asarray(cv2.resize(picture, None, fx=4, fy=4), np.uint8)
    views = collector()
    views.offer(0.0, large, BOX, np.repeat(np.repeat(mask, 4, 0), 4, 1), (0.8, 0.0))
    (view,) = views.views()
    assert view.picture.shape[:2] == view.mask.shape
    assert max(view.mask.shape) == LONGEST
    assert view.flank == "right"


def test_an_animal_cut_off_by_the_pictures_edge_is_worth_less() -> None:
    picture, mask = paint(1)
    whole, cut = collector(), collector()
    whole.offer(0.0, picture, BOX, mask)
    cut.offer(0.0, picture, (0.0, 0.08, 0.9, 0.86), mask)
    assert cut.views()[0].quality.total < whole.views()[0].quality.total


def test_a_mask_of_another_size_is_refused() -> None:
    picture, mask = paint(1)
    with pytest.raises(ValueError, match="mask of that size"):
        collector().offer(0.0, picture, BOX, mask[1:])


def test_an_outline_that_nobody_gave_is_cut_out_of_the_box() -> None:
    picture, mask = paint(1)
    views = collector()
    views.offer(0.0, picture, BOX)
    found = cut_out(picture, BOX)
    assert (found & mask).sum() / (found | mask).sum() > 0.7
    assert views.views()[0].mask.mean() == pytest.approx(found.sum() / views.views()[0].mask.size, abs=0.05)


def test_cutting_out_gives_the_same_outline_each_time() -> None:
    picture, _ = paint(2)
    assert np.array_equal(cut_out(picture, BOX), cut_out(picture, BOX))


def test_cutting_out_finds_something_where_nothing_differs() -> None:
    plain = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    assert 0.2 < cut_out(plain, BOX).mean() < 0.9
