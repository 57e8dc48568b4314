"""A young animal is told by its size beside the largest, at the same distance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.individuals.family import SizeBeside, sizes_beside


def walk(size, feet=0.8, start=0.0, end=8.0, x=0.1, slope=0.02):
    """Boxes of an animal whose body is `size` picture heights long and half as high, walking right."""
    times = [start + number * (end - start) / 16 for number in range(17)]
    return [(t, x + slope * t, feet - size / 2, size, size / 2) for t in times]


def test_a_cub_beside_its_mother_is_found_with_its_size():
    mother, cub = walk(0.4), walk(0.2, x=0.3)
    assert sizes_beside({"v.1": mother, "v.2": cub}) == [
        SizeBeside("v.2", "v.1", pytest.approx(0.5), pytest.approx(8.25))
    ]
    assert sizes_beside({"v.1": mother, "v.2": cub})[0].looks_like == "as small as a cub"


@pytest.mark.parametrize(
    ("ratio", "word"), [(0.65, "as small as a cub"), (0.8, "smaller: an adolescent"), (0.9, "about as large")]
)
def test_the_size_is_said_in_words(ratio, word):
    assert SizeBeside("v.2", "v.1", ratio, 3.0).looks_like.startswith(word)


def test_each_of_a_family_is_set_beside_the_largest():
    family = {"v.1": walk(0.2), "v.2": walk(0.4), "v.3": walk(0.3)}
    assert [(one.track, one.beside) for one in sizes_beside(family)] == [("v.1", "v.2"), ("v.3", "v.2")]


@pytest.mark.parametrize(
    "other",
    [
        walk(0.2, feet=0.6),  # further away, or smaller: nobody can tell
        walk(0.2, start=9.0, end=15.0),  # not at the same time
        walk(0.2, start=7.8, end=15.0),  # together for a moment only
        walk(0.2, x=-0.05, slope=0),  # cut off by the picture's edge
    ],
)
def test_what_cannot_be_compared_is_left_out(other):
    assert sizes_beside({"v.1": walk(0.4), "v.2": other}) == []


def test_one_animal_alone_has_nobody_beside_it():
    assert sizes_beside({"v.1": walk(0.4)}) == sizes_beside({}) == []


@given(st.floats(0.3, 0.95), st.floats(0.1, 0.4), st.booleans())
def test_the_ratio_does_not_depend_on_distance_or_order(ratio, size, turned):
    tracks = [("v.1", walk(size)), ("v.2", walk(size * ratio))]
    (found,) = sizes_beside(dict(reversed(tracks) if turned else tracks))
    assert (found.track, found.ratio) == ("v.2", pytest.approx(ratio))
