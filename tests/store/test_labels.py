"""A person's word wins, is never overwritten, and follows its animal through every new analysis."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.errors import NotFoundError
from pipeline.store.contents import contents
from pipeline.store.labels import Word, add_label, label_found, labels_for, unattached_labels, withdraw_label
from pipeline.store.matching import Label, about_bout, about_track, covers, latest, place_at
from pipeline.store.queries import BoutQuery, bouts, tracks
from tests.store.archive_samples import KEY, LEFT, RIGHT, animal, doing, footage, found, stored, two_animals

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VIDEO = footage("/card/IMG_0001.MP4").media_id
ANNA = Word("anna", behaviour="scent-mark")


@pytest.fixture
def archive(store):
    stored(store, two_animals())
    return store


def said(store):
    """What stands beside each bout: machine's and person's behaviour."""
    return {row.bout.removeprefix(VIDEO): (row.machine_behaviour, row.human_behaviour) for row in bouts(store)}


def test_a_persons_word_stands_beside_the_machines_and_wins(archive):
    label_found(archive, f"{VIDEO}.1.2", ANNA)
    assert said(archive)[".1.2"] == ("play", "scent-mark")
    assert {row.behaviour for row in bouts(archive)} == {"travel", "scent-mark", "rest"}
    assert [row.bout for row in bouts(archive, BoutQuery(behaviour="scent-mark"))] == [f"{VIDEO}.1.2"]
    assert bouts(archive, BoutQuery(behaviour="play")) == []


def test_the_last_word_wins_and_all_stay_on_record(archive):
    label_found(archive, f"{VIDEO}.1.2", ANNA, at=NOON)
    label_found(archive, f"{VIDEO}.1.2", Word("boris", behaviour="feed"), at=NOON - timedelta(hours=1))
    assert said(archive)[".1.2"] == ("play", "scent-mark")
    assert [(one.who, one.behaviour) for one in labels_for(archive, VIDEO)] == [
        ("boris", "feed"),
        ("anna", "scent-mark"),
    ]


def test_a_withdrawn_word_no_longer_counts_and_stays_on_record(archive):
    first = label_found(archive, f"{VIDEO}.1.2", ANNA, at=NOON)
    second = label_found(archive, f"{VIDEO}.1.2", Word("boris", behaviour="feed"), at=NOON + timedelta(hours=1))
    withdraw_label(archive, second.label_id, who="boris", note="wrong video", at=NOON + timedelta(hours=2))
    assert said(archive)[".1.2"] == ("play", "scent-mark")
    withdraw_label(archive, first.label_id, who="anna")
    assert said(archive)[".1.2"] == ("play", None)
    assert [one.withdrawn_by for one in labels_for(archive, VIDEO)] == ["anna", "boris"]


def test_withdrawing_twice_keeps_the_first_withdrawal(archive):
    one = label_found(archive, f"{VIDEO}.1.2", ANNA)
    withdraw_label(archive, one.label_id, who="anna", at=NOON)
    withdraw_label(archive, one.label_id, who="boris", at=NOON + timedelta(hours=1))
    assert [(label.withdrawn_by, label.withdrawn_at) for label in labels_for(archive)] == [("anna", NOON)]


def test_saying_the_same_thing_at_the_same_moment_is_kept_once(archive):
    assert label_found(archive, f"{VIDEO}.1.2", ANNA, at=NOON) == label_found(archive, f"{VIDEO}.1.2", ANNA, at=NOON)
    assert len(labels_for(archive)) == 1


def test_a_label_follows_its_animal_when_a_new_analysis_numbers_tracks_otherwise(archive):
    label_found(archive, f"{VIDEO}.1.2", replace(ANNA, species="tiger"))
    shifted = found(
        footage("/card/IMG_0001.MP4"),
        [animal(1, RIGHT), animal(2, (0.2, 0.1, 0.1, 0.1)), animal(3, (0.08, 0.42, 0.28, 0.3), species="lynx")],
        [doing("rest", 1, 0, 20), doing("feed", 2, 8, 20), doing("travel", 3, 0, 7.2), doing("chase", 3, 7.2, 19.5)],
        key=replace(KEY, code_version="2.0"),
    )
    stored(archive, shifted)
    assert said(archive) == {
        ".1.1": ("rest", None),
        ".2.1": ("feed", None),
        ".3.1": ("travel", None),
        ".3.2": ("chase", "scent-mark"),
    }
    assert [(row.machine_species, row.human_species, row.species) for row in tracks(archive)] == [
        ("leopard", None, "leopard"),
        ("leopard", None, "leopard"),
        ("lynx", "tiger", "tiger"),
    ]


def test_labels_outlast_an_analysis_that_finds_nothing(archive):
    label_found(archive, f"{VIDEO}.1.2", ANNA)
    stored(archive, found(footage("/card/IMG_0001.MP4"), key=replace(KEY, code_version="2.0")))
    assert bouts(archive) == []
    assert [(str(file), one.behaviour) for file, one in unattached_labels(archive)] == [
        ("/card/IMG_0001.MP4", "scent-mark")
    ]
    stored(archive, two_animals())
    assert said(archive)[".1.2"] == ("play", "scent-mark")
    assert unattached_labels(archive) == []


def test_a_label_that_a_newer_one_corrects_is_not_missed(archive):
    label_found(archive, f"{VIDEO}.1.2", ANNA, at=NOON)
    label_found(archive, f"{VIDEO}.1.2", replace(ANNA, behaviour="play"), at=NOON + timedelta(hours=1))
    assert unattached_labels(archive) == []
    label_found(archive, f"{VIDEO}.2.1", replace(ANNA, behaviour="groom"), at=NOON + timedelta(hours=2))
    stored(archive, found(footage("/card/IMG_0001.MP4"), key=replace(KEY, code_version="2.0")))
    assert [one.behaviour for _, one in unattached_labels(archive)] == ["groom", "play"]


def test_labels_given_before_or_after_an_analysis_end_in_the_same_database(tmp_path, archive):
    from pipeline.store.open import open_store

    other = open_store(tmp_path / "other")
    stored(other, found(footage("/card/IMG_0001.MP4")))
    add_label(other, VIDEO, 8, 20, ANNA, box=LEFT, at=NOON)
    stored(other, two_animals())
    add_label(archive, VIDEO, 8, 20, ANNA, box=LEFT, at=NOON)
    assert contents(archive) == contents(other)


def test_a_label_without_a_box_speaks_of_every_animal_at_its_time(archive):
    add_label(archive, VIDEO, 0, 20, Word("anna", behaviour="vigilance"))
    assert {human for _, human in said(archive).values()} == {"vigilance"}


def test_a_species_is_said_of_the_whole_track(archive):
    label_found(archive, f"{VIDEO}.2.1", Word("anna", species="red-deer"))
    assert [(row.track, row.species) for row in tracks(archive)] == [(1, "leopard"), (2, "red-deer")]
    assert {row.species for row in bouts(archive) if row.track == 2} == {"red-deer"}
    assert said(archive)[".2.1"] == ("rest", None)


def test_what_a_person_calls_blank_has_a_track_and_no_bouts_until_the_word_is_withdrawn(archive):
    every = said(archive)
    word = label_found(archive, f"{VIDEO}.2", Word("anna", species="blank"))
    assert [(row.track, row.species) for row in tracks(archive)] == [(1, "leopard"), (2, "blank")]
    assert set(said(archive)) == {one for one in every if not one.startswith(".2")}
    assert {row.track for row in bouts(archive, BoutQuery(species="blank"))} == {2}
    withdraw_label(archive, word.label_id, who="anna")
    assert said(archive) == every


def test_a_machine_that_no_longer_sees_what_a_person_called_blank_is_not_missing_a_label(archive):
    label_found(archive, f"{VIDEO}.2", Word("anna", species="blank"))
    stored(archive, found(footage("/card/IMG_0001.MP4"), key=replace(KEY, code_version="2.0")))
    assert unattached_labels(archive) == []


@pytest.mark.parametrize(
    "missing",
    [
        lambda s: label_found(s, "x.1.1", ANNA),
        lambda s: add_label(s, "x", 0, 1, ANNA),
        lambda s: withdraw_label(s, "x", who="anna"),
    ],
)
def test_what_the_archive_does_not_hold_cannot_be_labelled(archive, missing):
    with pytest.raises(NotFoundError, match="in this archive"):
        missing(archive)


def test_words_without_a_speaker_or_without_content_are_refused():
    with pytest.raises(ValueError, match="name of the person"):
        Word("", behaviour="play")
    with pytest.raises(ValueError, match="behaviour or a species"):
        Word("anna", note="nice")


def test_a_label_with_impossible_times_is_refused(archive):
    with pytest.raises(ValueError, match="before it starts"):
        add_label(archive, VIDEO, 5, 4, ANNA)
    with pytest.raises(ValueError, match="no time zone"):
        add_label(archive, VIDEO, 4, 5, ANNA, at=datetime(2026, 3, 1))  # noqa: DTZ001 - what is tested
    assert labels_for(archive) == []


seconds = st.floats(0, 120, allow_nan=False).map(lambda value: round(value, 3))
spans = st.tuples(seconds, seconds).map(sorted)
still = tuple((float(t), *LEFT) for t in range(0, 121, 10))


def label(span, box=None, at=NOON, label_id="a"):
    return Label(label_id, VIDEO, *span, box, "play", None, "anna", at)


@given(spans, spans)
def test_a_label_is_about_a_bout_exactly_when_it_covers_half_of_it(word, bout):
    common = max(0.0, min(word[1], bout[1]) - max(word[0], bout[0]))
    assume(bout[1] - bout[0] > 0.01 and abs(common - (bout[1] - bout[0]) / 2) > 1e-6)
    assert covers(label(word), *bout) == (common > (bout[1] - bout[0]) / 2)


@given(spans, st.floats(-0.24, 0.24), st.floats(-0.24, 0.24))
def test_a_label_of_equal_extent_is_about_the_bout(bout, early, late):
    """Intersection over union of at least one half is enough."""
    length = bout[1] - bout[0]
    word = bout[0] + early * length, bout[1] + late * length
    assert covers(label(word), *bout)
    assert about_track(label(word), *bout, still)


@given(spans, spans)
def test_a_label_apart_in_time_is_about_nothing(word, bout):
    assume(word[1] < bout[0] or bout[1] < word[0])
    assert not about_bout(label(word), *bout, still)
    assert not about_track(label(word), *bout, still)


@given(spans, st.floats(-1, 1), st.floats(-1, 1))
def test_a_label_is_about_the_animal_in_its_box_only(span, dx, dy):
    x, y, w, h = LEFT
    overlap = max(0, w - abs(dx)) * max(0, h - abs(dy))
    iou = overlap / (2 * w * h - overlap)
    assume(abs(iou - 0.3) > 1e-6)
    assert about_bout(label(span, (x + dx, y + dy, w, h)), *span, still) == (iou > 0.3)


@given(st.permutations([label((0, 1), at=NOON + timedelta(hours=i), label_id=str(i)) for i in range(5)]))
def test_the_latest_label_is_the_same_in_any_order(labels):
    assert latest(labels).label_id == "4"


def test_nobody_said_anything():
    assert latest([]) is None


@given(st.floats(-5, 15))
def test_a_tracks_place_lies_between_the_known_ones(t):
    places = [(0.0, 0.0, 0.1, 0.2, 0.2), (10.0, 0.5, 0.1, 0.4, 0.2)]
    share = min(max(t / 10, 0), 1)
    assert np.allclose(place_at(places, t), (share * 0.5, 0.1, 0.2 + share * 0.2, 0.2))
