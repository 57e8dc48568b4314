import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tracking.closer import AROUND, MOST, look_closer
from pipeline.values import Detection, Kind
from tests.tracking.blobs import HEIGHT, WIDTH, Picture, find_light

Box = tuple[float, float, float, float]
HERE: Box = (0.4, 0.4, 0.1, 0.15)


def picture_of(*boxes: Box) -> Picture:
    """White animals on a dark floor."""
    picture = np.full((HEIGHT, WIDTH, 3), 60, dtype=np.uint8)
    for x, y, w, h in boxes:
        rows = slice(round(y * HEIGHT), round((y + h) * HEIGHT))
        columns = slice(round(x * WIDTH), round((x + w) * WIDTH))
        picture[rows, columns] = 250
    return picture


def short_sighted(picture: Picture) -> list[Detection]:
    """Sees what takes up a tenth of a picture or more."""
    return [found for found in find_light(picture) if found.box[2] * found.box[3] >= 0.1]


def faint(picture: Picture) -> list[Detection]:
    return [Detection(found.box, 0.05, found.kind) for found in find_light(picture)]


class TestACloserLook:
    @given(x=st.floats(0, 0.9), y=st.floats(0, 0.85), moved=st.floats(-0.05, 0.05))
    def test_finds_an_animal_that_a_look_at_the_whole_picture_misses(self, x: float, y: float, moved: float) -> None:
        box = (min(max(x + moved, 0), 0.9), y, 0.1, 0.15)
        picture = picture_of(box)
        assert short_sighted(picture) == []
        (found,) = look_closer(picture, [(x, y, 0.1, 0.15)], [], short_sighted)
        np.testing.assert_allclose(found.box, box, atol=1.5 / HEIGHT)

    def test_finds_nothing_where_there_is_nothing(self) -> None:
        assert look_closer(picture_of(), [HERE], [], find_light) == []

    def test_is_not_taken_where_nothing_is_missed(self) -> None:
        def must_not_look(picture: Picture) -> list[Detection]:
            raise AssertionError

        assert look_closer(picture_of(HERE), [], [], must_not_look) == []

    def test_does_not_give_again_what_is_known(self) -> None:
        known = Detection(HERE, 0.9, Kind.ANIMAL)
        assert look_closer(picture_of(HERE), [(0.36, 0.4, 0.1, 0.15)], [known], find_light) == []

    def test_gives_an_animal_once_that_two_looks_find(self) -> None:
        assert len(look_closer(picture_of(HERE), [HERE, (0.38, 0.4, 0.1, 0.15)], [], find_light)) == 1

    def test_leaves_out_what_its_window_cuts_off(self) -> None:
        passing = (0.4 + (1 + AROUND) * 0.1 - 0.03, 0.4, 0.1, 0.15)
        assert look_closer(picture_of(passing), [HERE], [], find_light) == []

    def test_but_not_what_the_picture_itself_cuts_off(self) -> None:
        leaving = (0.9, 0.4, 0.1, 0.15)
        assert len(look_closer(picture_of(leaving), [(0.88, 0.4, 0.1, 0.15)], [], find_light)) == 1

    @pytest.mark.parametrize("other", [(0.42, 0.42, 0.02, 0.03), (0.34, 0.31, 0.22, 0.33)])
    def test_leaves_out_what_is_far_smaller_or_larger(self, other: Box) -> None:
        assert look_closer(picture_of(other), [HERE], [], find_light) == []

    def test_leaves_out_what_is_faint_even_from_near(self) -> None:
        assert look_closer(picture_of(HERE), [HERE], [], faint) == []

    def test_is_taken_at_few_of_a_herd(self) -> None:
        looks: list[Picture] = []

        def counted(picture: Picture) -> list[Detection]:
            looks.append(picture)
            return []

        look_closer(picture_of(), [(0.1 * n, 0.4, 0.05, 0.1) for n in range(6)], [], counted)
        assert len(looks) == MOST
