"""The one named rule: several signs together, in words that leave the finding to a vet."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.health.change import follow
from pipeline.health.flags import Severity
from pipeline.health.pattern import NAME, SIGNS, at_least, pattern_flags, signs_of
from tests.health.histories import FORBIDDEN, history, park, visit

CALM = {"camera_response": 0.05, "stumbles": 0.0, "tortuosity": 0.08, "girth_length": 0.42}
STRANGE = {"camera_response": 0.8, "stumbles": 2.0}


def usual(number):
    values = {name: value * (1 + 0.01 * (number % 3 - 1)) for name, value in CALM.items()}
    return visit(number, 9 * number, **values)


def flags_of(*last, dismissed=None):
    one = history([*(usual(n) for n in range(25)), *last])
    return list(pattern_flags(one, follow(park(one))[1], dismissed or {}))


def strange(number, **fields):
    return visit(number, 9 * number, "S1", **{"hour": 3, "near_people": True, **STRANGE, **fields})


def test_several_signs_in_two_sightings_make_the_pattern():
    (flag,) = flags_of(strange(25), strange(26))
    assert flag.severity is Severity.FIRST
    assert flag.evidence == ("1-25", "1-26")
    assert flag.summary.startswith(f"{NAME}. In the last")
    assert "for a vet" in flag.summary
    for sign in ("no fear", "near people by day", "stumbling"):
        assert SIGNS[sign] in flag.summary
    assert not any(word in flag.summary.lower() for word in FORBIDDEN)


def test_one_sign_alone_does_not_however_often_and_neither_do_all_signs_once():
    alone = [strange(n, stumbles=0.0, near_people=False) for n in range(25, 29)]
    assert flags_of(*alone) == []
    assert flags_of(strange(25), *(usual(n) for n in range(26, 30))) == []


def test_an_animal_that_always_lives_by_the_road_is_not_flagged_for_it():
    def bold(number):
        return visit(
            number, 9 * number, hour=3, near_people=True, camera_response=0.6 if number % 2 else 0.0, stumbles=0
        )

    one = history([bold(n) for n in range(40)])
    assert list(pattern_flags(one, follow(park(one))[1])) == []


def test_what_cannot_be_told_is_no_sign():
    blind = visit(1, 9, camera_response=None, stumbles=None)
    assert signs_of(blind, {}).told == {"near people by day": False}
    assert signs_of(visit(1, 9, hour=3, near_people=True), {}).told == {"near people by day": True}
    assert signs_of(visit(1, 9, hour=15, near_people=True), {}).told == {"near people by day": False}


def test_a_dismissed_pattern_does_not_come_back_for_the_same_sightings():
    (flag,) = flags_of(strange(25), strange(26))
    dismissed = {(1, "distemper_pattern"): frozenset(flag.evidence)}
    assert flags_of(strange(25), strange(26), usual(27), dismissed=dismissed) == []
    (again,) = flags_of(strange(25), strange(26), strange(27), strange(28), dismissed=dismissed)
    assert again.evidence == ("1-27", "1-28")


@given(st.lists(st.floats(0, 1), max_size=8))
def test_the_chance_of_so_many_signs_is_one_for_none_and_falls_with_each(chances):
    found = [at_least(chances, number) for number in range(len(chances) + 2)]
    assert found[0] == pytest.approx(1)
    assert all(after <= before + 1e-12 for before, after in pairwise(found))
    assert found[-1] == 0
    assert sum(found[1:]) == pytest.approx(sum(chances))  # the mean number of events
