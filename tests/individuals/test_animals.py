"""Codes, and how old an animal is on a day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RegistryError
from pipeline.individuals.animals import Individual, LifeStage, Sex, check_code, provisional_number, sex_in_code
from pipeline.individuals.life_stage import birth_year, months_between, stage_on

CUB, ADOLESCENT, ADULT = LifeStage


@pytest.mark.parametrize(
    ("code", "sex"),
    [
        ("Leo 45F", Sex.FEMALE),
        ("Leo 104M", Sex.MALE),
        ("Leo 45 F", Sex.FEMALE),
        ("Тигр 7F", Sex.FEMALE),
        ("L38", None),
        ("SL_15", None),
        ("Meamur", None),
        ("F", None),
        ("Leo 45Fox", None),
    ],
)
def test_a_code_may_say_the_sex(code, sex):
    check_code(code)
    assert sex_in_code(code) == sex
    assert provisional_number(code) == 0


@pytest.mark.parametrize("code", ["", " Leo 45F", "Leo\n45F", "x" * 41, "unknown-7", "Unknown-12"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(RegistryError, match=r"choose another|write 1 to 40"):
        check_code(code)


def animal(*stages, born=None):
    return Individual(1, "Leo 1F", False, born=born, stages=stages)


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (date(2024, 6, 30), None),
        (date(2024, 7, 1), CUB),
        (date(2025, 6, 30), CUB),
        (date(2025, 7, 1), ADOLESCENT),
        (date(2027, 6, 30), ADOLESCENT),
        (date(2027, 7, 1), ADULT),
    ],
)
def test_the_day_of_birth_tells_the_stage(day, stage):
    assert stage_on(animal(born=date(2024, 7, 1)), day) is stage


@pytest.mark.parametrize(
    ("day", "stage"),
    [(date(2024, 1, 1), CUB), (date(2025, 2, 28), CUB), (date(2025, 3, 1), ADOLESCENT), (date(2027, 3, 1), ADULT)],
)
def test_a_cub_was_a_cub_before_and_does_not_stay_one_because_nobody_looked_again(day, stage):
    assert stage_on(animal((date(2024, 3, 1), CUB)), day) is stage


def test_what_people_saw_counts_from_its_day_on():
    seen = animal((date(2024, 3, 1), ADOLESCENT), (date(2025, 3, 1), ADULT))
    assert [stage_on(seen, date(year, 3, 1)) for year in (2023, 2024, 2025, 2040)] == [None, ADOLESCENT, ADULT, ADULT]
    assert stage_on(animal((date(2024, 3, 1), ADOLESCENT)), date(2026, 3, 1)) is ADULT
    assert stage_on(animal(), date(2026, 3, 1)) is None


days = st.dates(date(2015, 1, 1), date(2030, 1, 1))


@given(st.lists(st.tuples(days, st.just(CUB)), max_size=2), st.none() | days, days, days)
def test_nobody_grows_younger(stages, born, one, other):
    young = animal(*sorted(stages), born=born)
    early, late = sorted((one, other))
    order = [None, CUB, ADOLESCENT, ADULT]
    assert order.index(stage_on(young, early)) <= order.index(stage_on(young, late))


@given(days, st.integers(0, 200))
def test_months_are_counted_as_birthdays_are(start, months):
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    assert months_between(start.replace(day=1), date(year, month + 1, 1)) == months


def test_a_litter_is_of_the_year_of_birth_or_of_the_first_word_of_a_cub():
    assert birth_year(animal((date(2025, 1, 5), CUB), born=date(2024, 11, 1))) == 2024
    assert birth_year(animal((date(2025, 1, 5), CUB), (date(2026, 1, 5), ADOLESCENT))) == 2025
    assert birth_year(animal((date(2025, 1, 5), ADULT))) is None
