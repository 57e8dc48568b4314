"""A gap is judged by the animal's own interval and by the nights on which its cameras watched."""

from datetime import timedelta

import numpy as np
import pytest

from pipeline.health.absence import FALSE_ALARMS_A_YEAR, NEEDED, absence_flags, gaps, present_gap
from pipeline.health.cubs import cub_flags, together
from tests.health.histories import FIRST, FORBIDDEN, history, park, visit


def seen_on(days, station="S1", key=1, **animal):
    return history([visit(n, day, station, key=key) for n, day in enumerate(days)], key, **animal)


def nights(*spells):
    return {"S1": frozenset(FIRST + timedelta(days=day) for start, end in spells for day in range(start, end))}


REGULAR = list(range(0, 200, 10))


def test_an_animal_that_does_not_come_is_missed_and_the_flag_says_how_rare_that_is():
    one = seen_on(REGULAR)
    (flag,) = absence_flags(one, park(one, days=400))
    assert 190 + 40 < (flag.raised.date() - FIRST).days < 190 + 100
    assert (flag.ended, flag.evidence, flag.rests_on) == (None, ("1-19",), 20)
    assert flag.summary.startswith("not seen for 210 days, 210 watched nights")
    assert not any(word in flag.summary for word in FORBIDDEN)


def test_a_gap_is_as_rare_as_the_formula_says():
    one = seen_on(REGULAR)
    last = gaps(one, park(one, days=230))[-1]
    assert (last.days, last.captures, last.usual_nights, last.usual_days) == (40, 20, 10.0, 10.0)
    assert last.chance == pytest.approx((190 / 230) ** 19)


def test_the_present_gap_is_the_last_one():
    one = seen_on(REGULAR)
    assert present_gap(one, park(one, days=230)) == gaps(one, park(one, days=230))[-1]
    assert present_gap(seen_on([0, 10, 20, 30]), park(one)) is None


def test_nobody_is_missed_while_the_cameras_are_out():
    one = seen_on(REGULAR)
    assert list(absence_flags(one, park(one, days=400, nights=nights((0, 200))))) == []
    back = park(one, days=400, nights=nights((0, 200), (340, 400)))
    assert gaps(one, back)[-1].watched_nights == 70


def test_four_captures_say_nothing_about_an_interval_and_three_cameras_on_one_day_are_one_capture():
    assert gaps(seen_on([0, 10, 20, 30]), park(seen_on([0, 10, 20, 30]))) == []
    twice = seen_on([0, 0, 10, 10, 20, 30])
    assert gaps(twice, park(twice)) == []


def test_a_gap_that_has_ended_says_so_and_a_dead_animal_is_not_missed():
    one = seen_on([*REGULAR, 390])
    (flag,) = absence_flags(one, park(one, days=395))
    assert (flag.ended.date() - FIRST).days == 390
    dead = seen_on(REGULAR, died=FIRST + timedelta(days=250))
    assert list(absence_flags(dead, park(dead, days=400))) == []


def test_a_dismissed_gap_is_not_flagged_again_until_the_animal_has_been_seen_and_is_missed_anew():
    one = seen_on(REGULAR)
    dismissed = {(1, "not_seen"): frozenset({"1-19"})}
    assert list(absence_flags(one, park(one, days=400), dismissed)) == []
    again = seen_on([*REGULAR, 300, 310, 320])
    (flag,) = absence_flags(again, park(again, days=700), dismissed)
    assert flag.evidence == ("1-22",)


def test_animals_that_come_at_random_are_hardly_ever_missed_without_cause():
    draw = np.random.default_rng(4)
    flags, years = 0, 0.0
    for key in range(60):
        days = np.flatnonzero(draw.random(1000) < draw.uniform(0.03, 0.2)).tolist()
        one = seen_on(days, key=key)
        flags += len(list(absence_flags(one, park(one, days=days[-1]))))
        years += (days[-1] - days[0]) / 365
    expected = FALSE_ALARMS_A_YEAR * years
    assert flags <= expected + 2 * np.sqrt(expected)


def family(with_cub, without, cub_alone=(), later=()):
    born = FIRST - timedelta(days=100)
    mother = [
        visit(n, day, key=1, company=(2,) if day in with_cub else ())
        for n, day in enumerate(sorted({*with_cub, *without, *later}))
    ]
    cub = [
        visit(n, day, key=2, company=(1,) if day in with_cub else ())
        for n, day in enumerate(sorted({*with_cub, *cub_alone}))
    ]
    return history(mother, 1), history(cub, 2, code="Leo 2", sex=None, born=born, mother_id=1)


TOGETHER = list(range(0, 100, 10))


def test_a_cub_that_goes_with_its_mother_has_no_interval_of_its_own_and_that_is_said():
    mother, cub = family(TOGETHER, [])
    everyone = park(mother, cub, days=200)
    assert gaps(cub, everyone) == []
    assert len(gaps(mother, everyone)) == 6
    assert "those of a cub that goes with its mother left out" in NEEDED


def test_a_cub_is_missed_once_its_mother_has_been_seen_without_it_too_often():
    mother, cub = family(TOGETHER, range(100, 190, 10))
    everyone = park(mother, cub, days=200)
    (flag,) = cub_flags(cub, everyone)
    assert flag.summary.startswith("not with its mother Leo 1F in her last 9 sightings, nor seen elsewhere")
    assert flag.evidence == tuple(f"1-{n}" for n in range(10, 19))
    assert (flag.raised.date() - FIRST).days < 160
    assert not any(word in flag.summary for word in FORBIDDEN)


def test_a_cub_is_not_missed_if_its_mother_was_not_seen_or_if_it_was_seen_alone():
    mother, cub = family(TOGETHER, [110])
    assert list(cub_flags(cub, park(mother, cub, days=300))) == []
    mother, cub = family(TOGETHER, range(100, 190, 10), cub_alone=[185])
    assert list(cub_flags(cub, park(mother, cub, days=200))) == []


def test_a_cub_that_was_with_its_mother_half_of_the_time_is_missed_later():
    mother, cub = family(TOGETHER, [*range(5, 100, 10), *range(100, 140, 10)])
    assert list(cub_flags(cub, park(mother, cub, days=200))) == []
    assert together(cub, park(mother, cub))[0].mother_without == 9


def test_a_grown_cub_that_goes_its_own_way_is_not_missed():
    mother, cub = family(TOGETHER, [], later=range(400, 600, 10))  # it is 16 months old by then
    assert list(cub_flags(cub, park(mother, cub, days=650))) == []
