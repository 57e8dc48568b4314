"""An animal stands beside its like; where they are too few, beside its species; and no flag rests on either."""

import numpy as np
import pytest

from pipeline.health.assess import assess
from pipeline.health.baseline import Source
from pipeline.health.others import beside_others
from pipeline.health.watched import WATCHED
from pipeline.individuals.animals import LifeStage, Sex
from tests.health.histories import FIRST, history, park, visit

ASYMMETRY = next(place for place, watched in enumerate(WATCHED) if watched.name == "gait_asymmetry")


def walker(key, middle, sex=Sex.FEMALE, species="leopard"):
    values = np.abs(middle + np.random.default_rng(key).normal(0, 0.01, 8))
    visits = [visit(n, 9 * n, key=key, gait_asymmetry=float(value)) for n, value in enumerate(values)]
    return history(visits, key, sex=sex, species=species, stages=((FIRST, LifeStage.ADULT),))


def beside(*animals, key=1):
    return beside_others(assess(park(*animals)), key, ASYMMETRY)


def middle_of(reference):
    return reference.band(WATCHED[ASYMMETRY])[1]


def test_those_of_its_sex_and_age_come_first():
    females = [walker(key, 0.05) for key in range(1, 6)]
    males = [walker(key, 0.2, Sex.MALE) for key in range(6, 12)]
    found = beside(*females, *males)
    assert (found.source, found.animals) == (Source.CLASS, 4)
    assert middle_of(found) == pytest.approx(0.05, abs=0.01)


def test_where_they_are_too_few_the_species_stands_in():
    found = beside(walker(1, 0.05), *(walker(key, 0.2, Sex.MALE) for key in range(2, 7)))
    assert (found.source, found.animals) == (Source.SPECIES, 5)
    assert middle_of(found) == pytest.approx(0.2, abs=0.02)


def test_an_animal_of_unknown_sex_is_in_no_class():
    females = [walker(key, 0.05) for key in range(2, 7)]
    assert beside(walker(1, 0.05, None), *females).source is Source.SPECIES


def test_other_species_say_nothing_of_it():
    assert beside(walker(1, 0.05), *(walker(key, 0.05, species="tiger") for key in range(2, 9))) is None


def test_an_odd_build_is_shown_and_not_flagged():
    animals = [walker(1, 0.3), *(walker(key, 0.05) for key in range(2, 7))]
    assert middle_of(beside(*animals)) < 0.1
    assert [flag for flag in assess(park(*animals))[1].flags if flag.rule == "gait_asymmetry"] == []
