from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.highlights.choose import ReelCandidate, choose, reel_score
from pipeline.values import ClipQuality

SHARES = st.floats(0, 1)
PLAIN = ReelCandidate(
    bout_id="b1",
    media_id="m1",
    location_id="north",
    behaviour="play",
    species="leopard",
    probability=0.8,
    clip="b1.mp4",
    quality=ClipQuality(0.3, 0.5, 1.0),
    start_s=0.0,
    end_s=5.0,
    last_s=0.0,
    barred="",
)


@st.composite
def candidates(draw: st.DrawFn) -> list[ReelCandidate]:
    numbers = draw(st.lists(st.integers(0, 999), unique=True, max_size=25))
    return [
        replace(
            PLAIN,
            bout_id=f"b{number}",
            media_id=draw(st.sampled_from(["m1", "m2", "m3", "m4", "m5"])),
            location_id=draw(st.sampled_from(["north", "south", None])),
            probability=draw(SHARES),
            quality=ClipQuality(draw(SHARES), draw(SHARES), draw(SHARES)),
            end_s=draw(st.floats(0.5, 30)),
            barred=draw(st.sampled_from(["", "", "", "a person is in the video"])),
        )
        for number in numbers
    ]


LIMITS = st.fixed_dictionaries(
    {
        "max_clips": st.integers(0, 12),
        "max_seconds": st.floats(0, 120),
        "per_location": st.integers(1, 5),
        "per_media": st.integers(1, 3),
    }
)


@given(candidates(), LIMITS)
def test_no_limit_is_ever_passed(given_candidates: list[ReelCandidate], limits: dict[str, int]) -> None:
    kept = choose(given_candidates, **limits).kept
    assert len(kept) <= limits["max_clips"]
    assert sum(candidate.end_s - candidate.start_s for candidate in kept) <= limits["max_seconds"]
    places = Counter(candidate.location_id for candidate in kept if candidate.location_id)
    assert all(count <= limits["per_location"] for count in places.values())
    assert all(count <= limits["per_media"] for count in Counter(candidate.media_id for candidate in kept).values())


@given(candidates(), LIMITS)
def test_a_video_with_a_barred_clip_gives_none_and_each_of_its_clips_says_why(
    given_candidates: list[ReelCandidate], limits: dict[str, int]
) -> None:
    chosen = choose(given_candidates, **limits)
    barred = {candidate.media_id for candidate in given_candidates if candidate.barred}
    assert not barred & {candidate.media_id for candidate in chosen.kept}
    reasons = {reason for candidate, reason in chosen.left_out if candidate.media_id in barred}
    assert reasons <= {"a person is in the video"}


@given(candidates(), LIMITS, st.randoms())
def test_the_order_of_the_input_does_not_matter(
    given_candidates: list[ReelCandidate], limits: dict[str, int], random: Random
) -> None:
    shuffled = list(given_candidates)
    random.shuffle(shuffled)
    assert choose(shuffled, **limits) == choose(given_candidates, **limits)


@given(candidates(), LIMITS)
def test_every_candidate_is_kept_or_left_out_with_a_reason(
    given_candidates: list[ReelCandidate], limits: dict[str, int]
) -> None:
    chosen = choose(given_candidates, **limits)
    ids = [candidate.bout_id for candidate in chosen.kept] + [candidate.bout_id for candidate, _ in chosen.left_out]
    assert sorted(ids) == sorted(candidate.bout_id for candidate in given_candidates)
    assert all(reason for _, reason in chosen.left_out)


@pytest.mark.parametrize(
    "better",
    [
        replace(PLAIN, quality=ClipQuality(0.5, 0.9, 1.0)),
        replace(PLAIN, probability=0.95),
        replace(PLAIN, quality=ClipQuality(0.05, 0.5, 1.0), probability=1.0),
    ],
    ids=["sharper", "more probable", "smaller but sure, against a speck"],
)
def test_the_better_clip_of_a_video_is_kept(better: ReelCandidate) -> None:
    better = replace(better, bout_id="better")
    worse = replace(PLAIN, quality=ClipQuality(min(0.3, better.quality.size / 4), 0.5, 1.0))
    chosen = choose([worse, better], max_clips=5, max_seconds=60, per_location=5)
    assert [candidate.bout_id for candidate in chosen.kept] == ["better"]
    assert chosen.left_out == ((worse, "1 better from the same video"),)


def test_a_score_is_between_0_and_1_and_reaches_both() -> None:
    assert reel_score(replace(PLAIN, probability=0.0, quality=ClipQuality(0, 0, 0))) == 0
    assert reel_score(replace(PLAIN, probability=1.0, quality=ClipQuality(0.3, 1, 1))) == pytest.approx(1)


def test_each_reason_is_told_in_words() -> None:
    def clip(number: int, **changes: object) -> ReelCandidate:
        return replace(PLAIN, **{"bout_id": f"b{number}", "media_id": f"m{number}", **changes})

    chosen = choose(
        [
            clip(1, probability=0.9),
            clip(2, probability=0.8),
            clip(3, probability=0.7, location_id="south", end_s=40.0),
            clip(4, probability=0.6, location_id=None),
            clip(5, probability=0.5, location_id="west"),
            clip(6, probability=0.4, location_id="south", barred="a vehicle is in the video"),
        ],
        max_clips=2,
        max_seconds=30,
        per_location=1,
    )
    assert [candidate.bout_id for candidate in chosen.kept] == ["b1", "b4"]
    assert [(candidate.bout_id, reason) for candidate, reason in chosen.left_out] == [
        ("b2", "1 better from location north"),
        ("b3", "with it the film would be longer than 30 s"),
        ("b5", "the film already has 2 better clips"),
        ("b6", "a vehicle is in the video"),
    ]
    assert chosen.length_s == 10.0


def test_clips_of_unknown_place_are_not_taken_for_one_place() -> None:
    unknown = [replace(PLAIN, bout_id=f"b{n}", media_id=f"m{n}", location_id=None) for n in range(4)]
    assert len(choose(unknown, max_clips=9, max_seconds=99, per_location=1).kept) == 4


def test_only_of_clips_that_would_be_taken_it_is_asked_whether_they_can_be_shown() -> None:
    clips = [replace(PLAIN, bout_id=f"b{n}", media_id=f"m{n}", probability=1 - n / 10) for n in range(4)]
    asked: list[str] = []

    def gone(one: ReelCandidate) -> str:
        asked.append(one.bout_id)
        return "its file is gone" if one.bout_id == "b0" else ""

    chosen = choose(clips, max_clips=1, max_seconds=60, per_location=9, hindrance=gone)
    assert [one.bout_id for one in chosen.kept] == ["b1"]
    assert chosen.left_out[0] == (clips[0], "its file is gone")
    assert asked == ["b0", "b1"]


def test_what_would_only_flash_up_is_left_out() -> None:
    flash, whole = (replace(PLAIN, bout_id=f"{end}", media_id=f"{end}", end_s=end, last_s=0.1) for end in (0.8, 0.9))
    chosen = choose([flash, whole], max_clips=5, max_seconds=60, per_location=5)
    assert [one.end_s for one in chosen.kept] == [0.9]
    assert chosen.left_out == ((flash, "it is shorter than 1 s"),)
