from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.behaviour.informative import most_informative
from pipeline.store.rows import BoutRow
from pipeline.values import Kind


def bout(
    name: str, behaviour: str = "travel", probability: float = 0.9, location: str = "LOC01", labelled: bool = False
) -> BoutRow:
    human = "rest" if labelled else None
    return BoutRow(
        bout=name,
        media="m",
        file=Path("a.mp4"),
        track=1,
        species="leopard",
        behaviour=human or behaviour,
        start_s=0.0,
        end_s=4.0,
        probability=probability,
        location=location,
        captured_at=None,
        kind=Kind.ANIMAL,
        machine_species="leopard",
        human_species=None,
        machine_behaviour=behaviour,
        human_behaviour=human,
        clip=None,
        poster=None,
        evidence="",
        also=(),
        censored_start=False,
        censored_end=False,
    )


def names(bouts: list[BoutRow], count: int) -> list[str]:
    return [one.bout for one in most_informative(bouts, count)]


def test_what_the_classifier_doubts_comes_first_and_what_it_does_not_know_before_all() -> None:
    bouts = [bout("sure", probability=0.95), bout("doubted", probability=0.5), bout("lost", "unknown", 0.8)]
    assert names(bouts, 3) == ["lost", "doubted", "sure"]


def test_what_a_person_has_named_is_not_asked_again() -> None:
    assert names([bout("said", probability=0.4, labelled=True), bout("open")], 5) == ["open"]


def test_a_trap_that_films_one_thing_does_not_fill_the_list() -> None:
    busy = [bout(f"busy {n}", probability=0.5) for n in range(20)]
    quiet = [bout("quiet", probability=0.55, location="LOC02")]
    assert "quiet" in names(busy + quiet, 3)


def test_a_behaviour_that_is_seldom_named_is_worth_more() -> None:
    common = [bout(f"walk {n}", probability=0.7, location=f"LOC{n:02d}") for n in range(30)]
    assert names([*common, bout("mark", "spray", 0.75, "LOC99")], 1) == ["mark"]


@given(
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(["travel", "play"]), st.booleans()), max_size=20),
    st.integers(0, 9),
)
def test_no_more_than_asked_for_and_none_twice(drawn: list[tuple[float, str, bool]], count: int) -> None:
    bouts = [bout(str(n), kind, p, labelled=said) for n, (p, kind, said) in enumerate(drawn)]
    found = names(bouts, count)
    assert len(found) == len(set(found)) == min(count, sum(not said for _, _, said in drawn))
