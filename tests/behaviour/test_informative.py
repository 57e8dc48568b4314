from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pipeline.behaviour.informative import MARKED_DOWN, most_informative
from pipeline.store.rows import OpenBout


def bout(name: str, behaviour: str = "travel", probability: float = 0.9, location: str = "LOC01") -> OpenBout:
    return OpenBout(name, behaviour, behaviour, probability, 0.0, 4.0, location)


def test_what_the_classifier_doubts_comes_first_and_what_it_does_not_know_before_all() -> None:
    bouts = [bout("sure", probability=0.95), bout("doubted", probability=0.5), bout("lost", "unknown", 0.8)]
    assert most_informative(bouts, 3) == ["lost", "doubted", "sure"]


def test_what_the_machine_is_sure_that_nobody_can_tell_comes_last() -> None:
    bouts = [bout("stump", "unknown", 1.0), bout("doubted", probability=0.5), bout("sure", probability=0.95)]
    assert most_informative(bouts, 3) == ["doubted", "sure", "stump"]


def test_a_trap_that_films_one_thing_does_not_fill_the_list() -> None:
    busy = [bout(f"busy {n}", probability=0.5) for n in range(20)]
    quiet = [bout("quiet", probability=0.55, location="LOC02")]
    assert "quiet" in most_informative(busy + quiet, 3)


def test_a_behaviour_that_is_seldom_named_is_worth_more() -> None:
    common = [bout(f"walk {n}", probability=0.7, location=f"LOC{n:02d}") for n in range(30)]
    assert most_informative([*common, bout("mark", "spray", 0.75, "LOC99")], 1) == ["mark"]


def one_after_the_other(bouts: list[OpenBout], count: int) -> list[str]:
    """The choice as its rule says it: the bout that is worth most now, again and again."""
    named = Counter(one.behaviour for one in bouts)
    doubt = {one.bout: (1 - one.probability) / named[one.behaviour] ** 0.25 for one in bouts}
    left = sorted(bouts, key=lambda one: (-doubt[one.bout], one.bout))
    taken: Counter[tuple[str, str | None]] = Counter()
    chosen: list[str] = []
    while left and len(chosen) < count:
        best = max(left, key=lambda one: doubt[one.bout] * MARKED_DOWN ** taken[one.behaviour, one.location])
        taken[best.behaviour, best.location] += 1
        chosen.append(best.bout)
        left.remove(best)
    return chosen


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.2, 0.3, 0.5, 0.9, 1.0]), st.sampled_from(["travel", "play"]), st.sampled_from("ABC")
        ),
        max_size=60,
    ),
    st.integers(0, 9),
)
def test_no_more_than_asked_for_and_those_that_are_worth_most(drawn: list[tuple[float, str, str]], count: int) -> None:
    bouts = [bout(f"{n:02}", kind, p, place) for n, (p, kind, place) in enumerate(drawn)]
    assert most_informative(bouts, count) == one_after_the_other(bouts, count)
