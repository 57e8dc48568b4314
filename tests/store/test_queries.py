"""What researchers, the press and the park ask the archive."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import NotFoundError
from pipeline.store import open as store_open
from pipeline.store.detail import bout_detail
from pipeline.store.labels import Word, label_found
from pipeline.store.ledger import record_files
from pipeline.store.queries import (
    BoutQuery,
    TrackQuery,
    bouts,
    each_bout,
    each_open_bout,
    named_bouts,
    people_in_view,
    sightings,
    tracks,
    videos,
)
from pipeline.store.reels import reel_candidates
from pipeline.store.rows import as_json
from pipeline.values import Kind
from tests.store.archive_samples import (
    KEY,
    LEFT,
    RIGHT,
    RIVER,
    animal,
    captured,
    doing,
    footage,
    found,
    seen,
    stored,
    two_animals,
)

MAY_BE = "an animal that may be a person or a vehicle"
MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
RIDGE = replace(RIVER, deployment_id="ridge-2026", location_id="ridge", zone="+10:00")


@pytest.fixture
def archive(store):
    """A leopard and a second one at the river in March, a tiger on the ridge in April, an undated lynx."""
    stored(store, two_animals("/a/1.mp4", time=captured(MARCH)))
    april = footage("/b/2.mp4", deployment=RIDGE, time=captured(MARCH + timedelta(days=31), "+10:00"))
    stored(
        store, found(april, [animal(1, species="tiger")], [doing("play", probability=0.4), doing("rest", 1, 10, 20)])
    )
    undated = replace(footage("/c/3.mp4", deployment=None), captured=None)
    stored(store, found(undated, [animal(1, species="lynx")], [doing("play", probability=0.95)]))
    return store


def names(rows):
    return [f"{row.file.stem}.{row.track} {row.behaviour}" for row in rows]


def test_bouts_come_by_time_the_undated_last(archive):
    assert names(bouts(archive)) == ["1.1 travel", "1.2 rest", "1.1 play", "2.1 play", "2.1 rest", "3.1 play"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (BoutQuery(behaviour="play"), ["1.1 play", "2.1 play", "3.1 play"]),
        (BoutQuery(species="tiger"), ["2.1 play", "2.1 rest"]),
        (BoutQuery(location="ridge", behaviour="rest"), ["2.1 rest"]),
        (BoutQuery(behaviour="play", min_probability=0.5), ["1.1 play", "3.1 play"]),
        (BoutQuery(behaviour="play", since=MARCH), ["1.1 play", "2.1 play"]),
        (BoutQuery(behaviour="play", since=MARCH + timedelta(seconds=1)), ["2.1 play"]),
        (BoutQuery(behaviour="play", until=MARCH + timedelta(days=31)), ["1.1 play"]),
        (BoutQuery(limit=2), ["1.1 travel", "1.2 rest"]),
        (BoutQuery(media=(seen("/c/3.mp4").media_id,)), ["3.1 play"]),
        (BoutQuery(media=()), []),
        (BoutQuery(kind=Kind.PERSON), []),
        (BoutQuery(behaviour="no such thing"), []),
        (BoutQuery(behaviour="play' OR '1'='1"), []),
    ],
)
def test_bouts_are_narrowed_by_what_is_asked(archive, query, expected):
    assert names(bouts(archive, query)) == expected


def test_since_may_be_given_in_any_zone(archive):
    tokyo = datetime.fromisoformat("2026-03-01T21:00:00+09:00")
    assert len(bouts(archive, BoutQuery(behaviour="play", since=tokyo))) == 2
    with pytest.raises(ValueError, match="time zone"):
        bouts(archive, BoutQuery(since=datetime(2026, 3, 1)))  # noqa: DTZ001 - what is tested


def test_a_bout_that_a_person_named_passes_any_probability(archive):
    label_found(archive, f"{seen('/b/2.mp4').media_id}.1.1", Word("anna", behaviour="play"))
    assert "2.1 play" in names(bouts(archive, BoutQuery(behaviour="play", min_probability=0.99)))


def test_what_a_person_has_named_is_not_open_any_more(archive):
    label_found(archive, f"{seen('/b/2.mp4').media_id}.1.1", Word("anna", behaviour="play"))
    open_ones = [one.bout for one in each_open_bout(archive, BoutQuery(behaviour="play"))]
    assert {row.file.stem for row in named_bouts(archive, open_ones)} == {"1", "3"}


def test_bouts_can_be_named_in_any_order(archive):
    ids = [row.bout for row in reversed(bouts(archive))]
    assert [row.bout for row in named_bouts(archive, [*ids[:3], "none"])] == ids[:3]


def test_long_answers_are_read_in_parts_and_are_the_same(archive, monkeypatch):
    whole = [each(archive) for each in (bouts, tracks, sightings, videos)]
    monkeypatch.setattr(store_open, "ROWS_AT_ONCE", 1)
    assert [each(archive) for each in (bouts, tracks, sightings, videos)] == whole
    assert [len(one) for one in whole] == [6, 4, 4, 3]


def test_an_answer_comes_row_by_row_while_the_archive_is_written_to(archive):
    rows = each_bout(archive)
    next(rows)
    label_found(archive, f"{seen('/c/3.mp4').media_id}.1.1", Word("anna", behaviour="rest"))
    assert [row.behaviour for row in rows][-1] == "play"


def test_times_carry_the_offset_of_the_cameras_zone(archive):
    assert [str(row.captured_at) for row in tracks(archive, TrackQuery(location="ridge"))] == [
        "2026-04-01 22:00:00+10:00"
    ]
    assert tracks(archive, TrackQuery(species="lynx"))[0].captured_at is None


def test_a_listing_is_plain_json_with_stable_keys(archive):
    listed = json.loads(json.dumps([as_json(row) for row in bouts(archive)]))
    stable = ("bout", "media", "file", "track", "species", "behaviour", "start_s", "end_s", "probability", "location")
    assert {key: listed[0][key] for key in (*stable, "captured_at")} == {
        "bout": f"{seen('/a/1.mp4').media_id}.1.1",
        "media": seen("/a/1.mp4").media_id,
        "file": "/a/1.mp4",
        "track": 1,
        "species": "leopard",
        "behaviour": "travel",
        "start_s": 0,
        "end_s": 8,
        "probability": 0.7,
        "location": "river",
        "captured_at": "2026-03-01T22:00:00+10:00",
    }
    assert {"media", "file", "track", "species", "start_s", "end_s", "seen_share"} <= as_json(tracks(archive)[0]).keys()


def test_a_bouts_clip_lies_in_the_archive(archive):
    assert bouts(archive)[0].clip.is_relative_to(archive.archive / "clips")


def test_everything_about_one_bout(archive):
    record_files(archive, [seen("/a/1.mp4"), seen("/copy/1.mp4", "/a/1.mp4")])
    label_found(archive, f"{seen('/a/1.mp4').media_id}.1.2", Word("anna", behaviour="feed"))
    one = bout_detail(archive, f"{seen('/a/1.mp4').media_id}.1.2")
    assert (one.bout.behaviour, one.bout.machine_behaviour, one.bout.evidence) == ("feed", "play", "looks like play")
    assert (one.clip_start_s, one.clip_end_s, one.quality.wholeness) == (6, 22, 0.9)
    assert [indicator.name for indicator in one.indicators] == ["speed"]
    assert [label.who for label in one.labels] == ["anna"]
    assert one.footage == footage("/a/1.mp4", time=captured(MARCH))
    assert one.copies == (Path("/a/1.mp4"), Path("/copy/1.mp4"))
    assert (one.info.declared_frames, one.decoded.decoded_frames, one.decoded.damaged_packets) == (600, 598, 2)
    assert one.analysed == KEY
    assert one.boxes.is_relative_to(archive.archive)
    assert json.loads(json.dumps(as_json(one)))["bout"]["file"] == "/a/1.mp4"


def test_a_bout_without_a_clip_has_no_quality(store):
    stored(store, found(footage("/a/1.mp4"), [animal(1)], [doing("unknown")], clips=False))
    one = bout_detail(store, bouts(store)[0].bout)
    assert (one.bout.clip, one.quality) == (None, None)


def test_an_unknown_bout_is_not_found(archive):
    with pytest.raises(NotFoundError, match="'nothing' in this archive"):
        bout_detail(archive, "nothing")


def test_sightings_carry_their_indicators_or_why_there_are_none(archive):
    assert [
        (one.track.track, [(this.value, this.not_assessable) for this in one.indicators])
        for one in sightings(archive, TrackQuery(location="river"))
    ] == [(1, [(0.8, "")]), (2, [(None, "it lay")])]
    assert len(sightings(archive, TrackQuery(limit=1))) == 1


def test_an_indicator_says_what_it_rests_on(archive):
    speed, none = (one.indicators[0] for one in sightings(archive, TrackQuery(location="river")))
    assert (speed.rests_on_s, speed.steps, speed.sharpness, speed.infrared, speed.visible_share) == (
        6.0,
        7,
        0.4,
        True,
        0.9,
    )
    assert (none.steps, none.sharpness, none.infrared, none.visible_share) == (None, None, None, None)


def test_people_and_vehicles_in_view_are_listed_by_video(archive):
    people = [animal(1, kind=Kind.VEHICLE), animal(2, kind=Kind.PERSON), animal(3, kind=Kind.PERSON), animal(4)]
    stored(archive, found(footage("/a/4.mp4"), people))
    assert [(one.file, one.kinds) for one in people_in_view(archive)] == [
        (Path("/a/4.mp4"), (Kind.PERSON, Kind.VEHICLE))
    ]


def test_what_may_be_a_person_is_listed_as_well(archive):
    stored(archive, found(footage("/a/4.mp4"), [animal(1, kind=Kind.UNKNOWN)]))
    assert [(one.file, one.kinds) for one in people_in_view(archive)] == [(Path("/a/4.mp4"), (Kind.UNKNOWN,))]


@pytest.mark.parametrize(
    ("species", "kinds"), [("leopard", []), ("blank", []), ("unknown", [(Kind.UNKNOWN,)]), ("person", [(Kind.PERSON,)])]
)
def test_what_may_be_a_person_is_listed_until_somebody_has_said_what_it_is(store, species, kinds):
    stored(store, found(footage("/a/4.mp4"), [animal(1, kind=Kind.UNKNOWN)]))
    label_found(store, f"{seen('/a/4.mp4').media_id}.1", Word("anna", species=species))
    assert [one.kinds for one in people_in_view(store)] == kinds


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        ([Kind.ANIMAL, Kind.PERSON], "a person in the video"),
        ([Kind.UNKNOWN], f"{MAY_BE} in the video; label {{video}}.1 if you see what it is"),
        ([Kind.UNKNOWN, Kind.VEHICLE], "a vehicle in the video"),
        ([Kind.ANIMAL, Kind.VEHICLE, Kind.PERSON], "a person and a vehicle in the video"),
    ],
)
def test_a_person_anywhere_in_a_video_or_what_may_be_one_bars_all_its_clips(archive, kinds, reason):
    tracks = [animal(number, kind=kind) for number, kind in enumerate(kinds, start=1)]
    stored(archive, found(footage("/a/4.mp4"), tracks, [doing("play")]))
    barred = {one.clip: one.barred for one in reel_candidates(archive, BoutQuery(behaviour="play"))}
    assert sorted(barred.values()) == ["", "", "", reason.format(video=seen("/a/4.mp4").media_id)]


DOUBT = "an animal that is not quite surely one in the video; label {video}.2 if you see what it is"


@pytest.mark.parametrize(("belief", "reason"), [(0.84, DOUBT), (0.85, "")])
def test_an_animal_that_is_not_quite_surely_one_is_in_no_film(store, belief, reason):
    tracks = [animal(1), replace(animal(2), kind_probability=belief)]
    stored(store, found(footage("/a/1.mp4"), tracks, [doing("play")]))
    assert [one.barred for one in reel_candidates(store)] == [reason.format(video=seen("/a/1.mp4").media_id)]


@pytest.mark.parametrize("species", ["leopard", "blank"])
@pytest.mark.parametrize("kind", [Kind.UNKNOWN, Kind.ANIMAL])
def test_a_doubt_bars_no_film_any_more_once_a_person_has_said_what_it_is(store, kind, species):
    doubtful = [replace(animal(2, LEFT, kind=kind), kind_probability=0.6)]
    doubtful += [replace(animal(3, (0.4, 0.1, 0.1, 0.1), kind=kind), kind_probability=0.6)]
    stored(store, found(footage("/a/1.mp4"), [animal(1, RIGHT), *doubtful], [doing("play")]))
    video = seen("/a/1.mp4").media_id
    told = []
    for number in (2, 3):
        label_found(store, f"{video}.{number}", Word("anna", species=species))
        told += [one.barred.partition("; ")[2] for one in reel_candidates(store)]
    assert told == [f"label {video}.3 if you see what it is", ""]


@pytest.mark.parametrize("species", ["person", "vehicle"])
def test_nor_does_it_let_in_what_a_person_calls_a_person(store, species):
    stored(store, found(footage("/a/1.mp4"), [animal(1, RIGHT), animal(2, LEFT, kind=Kind.UNKNOWN)], [doing("play")]))
    label_found(store, f"{seen('/a/1.mp4').media_id}.2", Word("anna", species=species))
    assert [one.barred for one in reel_candidates(store)] == [f"a {species} in the video"]


def test_whom_the_machine_calls_a_person_no_word_lets_in(store):
    stored(store, found(footage("/a/1.mp4"), [animal(1, RIGHT), animal(2, LEFT, kind=Kind.PERSON)], [doing("play")]))
    label_found(store, f"{seen('/a/1.mp4').media_id}.2", Word("anna", species="leopard"))
    assert [one.barred for one in reel_candidates(store)] == ["a person in the video"]


def analysed(store, version, *kinds):
    """What a film is told of a video with an animal and these others, as one version of the pipeline sees it."""
    tracks = [animal(number, kind=kind) for number, kind in enumerate([Kind.ANIMAL, *kinds], start=1)]
    key = replace(KEY, code_version=version)
    stored(store, found(footage("/a/1.mp4"), tracks, [doing("play")], key=key))
    (one,) = reel_candidates(store)
    return one.barred


def test_whom_only_an_earlier_analysis_saw_bars_a_film_for_good(store):
    earlier = "a person in the video, by an earlier analysis"
    assert analysed(store, "1.0", Kind.PERSON) == "a person in the video"
    assert [analysed(store, version) for version in ("2.0", "3.0")] == [earlier, earlier]
    assert analysed(store, "4.0", Kind.VEHICLE) == "a vehicle in the video"
    assert analysed(store, "5.0") == "a person and a vehicle in the video, by an earlier analysis"
    assert analysed(store, "6.0", Kind.PERSON) == "a person in the video"
    assert people_in_view(store)[0].kinds == (Kind.PERSON,)


def test_what_only_may_have_been_a_person_to_an_earlier_analysis_does_not(store):
    assert analysed(store, "1.0", Kind.UNKNOWN).startswith(MAY_BE)
    assert analysed(store, "2.0") == ""


def test_a_film_needs_clips(store):
    stored(store, found(footage("/a/1.mp4"), [animal(1)], [doing("unknown")], clips=False))
    assert reel_candidates(store) == []


def test_a_films_candidate_has_the_times_of_its_clip(archive):
    one = reel_candidates(archive, BoutQuery(behaviour="play", location="river"))[0]
    assert (one.start_s, one.end_s, one.location_id, one.quality.size) == (6, 22, "river", 0.3)


def test_what_a_person_named_is_as_sure_as_can_be_to_a_film(archive):
    doubted = next(one for one in reel_candidates(archive) if one.probability == 0.4)
    label_found(archive, doubted.bout_id, Word("anna", behaviour="travel"))
    (confirmed,) = (one for one in reel_candidates(archive) if one.bout_id == doubted.bout_id)
    assert (confirmed.behaviour, confirmed.probability) == ("travel", 1.0)


def test_videos_tell_what_was_declared_and_what_was_decoded(archive):
    record_files(archive, [seen("/z/new.mp4")])
    listed = videos(archive)
    assert [(row.file.name, row.state, row.declared_frames, row.decoded_frames) for row in listed] == [
        ("1.mp4", "analysed", 600, 598),
        ("2.mp4", "analysed", 600, 598),
        ("3.mp4", "analysed", 600, 598),
        ("new.mp4", "pending", None, None),
    ]
    assert (listed[0].code_version, listed[0].models, listed[3].code_version) == ("1.0", dict(KEY.models), None)


def test_a_bout_that_shows_two_behaviours_is_found_under_each(store):
    two = replace(doing("camera_interaction"), also=("rub", "spray"))
    stored(store, found(footage("/a/1.mp4"), [animal(1)], [two, doing("rub", 1, 10, 20)]))
    (first, second) = bouts(store, BoutQuery(behaviour="rub"))
    assert (first.behaviour, first.also) == ("camera_interaction", ("rub", "spray"))
    assert (second.behaviour, second.also) == ("rub", ())
    assert [row.also for row in bouts(store, BoutQuery(behaviour="spray"))] == [("rub", "spray")]
    assert bouts(store, BoutQuery(behaviour="ru")) == bouts(store, BoutQuery(behaviour="r_b")) == []


def test_where_a_person_named_the_bout_their_word_stands_alone(store):
    stored(store, found(footage("/a/1.mp4"), [animal(1)], [replace(doing("camera_interaction"), also=("rub",))]))
    label_found(store, f"{seen('/a/1.mp4').media_id}.1.1", Word("anna", behaviour="investigate"))
    assert bouts(store, BoutQuery(behaviour="rub")) == []
    (row,) = bouts(store, BoutQuery(behaviour="investigate"))
    assert row.also == ()
