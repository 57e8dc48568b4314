"""What stands at the same place before one camera in video after video is shown to people once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import NotFoundError
from pipeline.store.labels import Word, label_found
from pipeline.store.repeats import at_the_same_place, repeats
from pipeline.values import Kind
from tests.store.archive_samples import LEFT, RIGHT, RIVER, animal, captured, doing, footage, found, stored

FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)
BLANK = Word("anna", species="blank")
RIDGE = replace(RIVER, deployment_id="ridge-2026", location_id="ridge")


def filmed(store, name, day, box=RIGHT, place=RIVER, **fields):
    """A video of a camera with one track, which stays where it is; the track's id."""
    video = footage(f"/card/{name}", deployment=place, time=captured(FIRST + timedelta(days=day)))
    stored(store, found(video, [animal(1, box, **fields)], [doing("rest")]))
    return f"{video.media_id}.1"


def shifted(box, by):
    return (box[0] + by, *box[1:])


def walks_past(number):
    """A track that leaves its place."""
    still = animal(number, RIGHT)
    places = tuple((t, x - 0.03 * i, y, w, h) for i, (t, x, y, w, h) in enumerate(still.places))
    return replace(still, places=places)


@pytest.fixture
def stump(store):
    """Tracks of a stump in three videos of two days, the newest last."""
    return [filmed(store, f"{n}.MP4", day, shifted(RIGHT, 0.01 * n)) for n, day in enumerate((0, 0, 2))]


def test_it_is_listed_once_with_its_newest_track_and_a_clip_of_it(store, stump):
    (row,) = repeats(store)
    assert (row.track, row.location, row.deployment) == (stump[-1], "river", "river-2026")
    assert (row.videos, row.called_blank, row.species) == (3, 0, "leopard")
    assert row.last - row.first == timedelta(days=2)
    assert row.box == pytest.approx(shifted(RIGHT, 0.02))
    assert row.clip.is_relative_to(store.archive)


@pytest.mark.parametrize(
    ("why", "others"),
    [
        ("a sleeper is filmed again on one day", [{"day": 0}, {"day": 0}]),
        ("twice may be chance", [{"day": 2}]),
        ("elsewhere in the picture", [{"day": 1, "box": LEFT}, {"day": 2, "box": LEFT}]),
        ("half beside it", [{"day": day, "box": shifted(RIGHT, -0.1)} for day in (1, 2)]),
        ("before another camera", [{"day": 1, "place": RIDGE}, {"day": 2, "place": RIDGE}]),
        ("from an unknown place", [{"day": 1, "place": None}, {"day": 2, "place": None}]),
        ("people are no animals", [{"day": day, "kind": Kind.PERSON, "species": "person"} for day in (1, 2)]),
    ],
)
def test_what_may_well_be_an_animal_is_not_listed(store, why, others):
    filmed(store, "0.MP4", 0)
    for number, other in enumerate(others, start=1):
        filmed(store, f"{number}.MP4", **other)
    assert repeats(store) == [], why


def test_what_was_taken_for_a_person_and_is_called_an_animal_is_listed(store):
    tracks = [filmed(store, f"{day}.MP4", day, kind=Kind.PERSON, species="person") for day in range(3)]
    assert repeats(store) == []
    for one in tracks:
        label_found(store, one, Word("anna", species="deer"))
    (row,) = repeats(store)
    assert (row.videos, row.species) == (3, "deer")


def test_what_walks_past_the_same_place_is_not_listed(store):
    for day in range(3):
        video = footage(f"/card/{day}.MP4", time=captured(FIRST + timedelta(days=day)))
        stored(store, found(video, [walks_past(1)]))
    assert repeats(store) == []


def test_all_of_it_can_be_called_blank_and_comes_back_when_it_is_filmed_again(store, stump):
    elsewhere = filmed(store, "left.MP4", 1, LEFT)
    assert set(at_the_same_place(store, stump[0])) == set(stump[1:])
    for one in stump:
        label_found(store, one, BLANK)
    assert repeats(store) == []
    assert at_the_same_place(store, elsewhere) == []
    again = filmed(store, "new.MP4", 9)
    (row,) = repeats(store)
    assert (row.track, row.videos, row.called_blank) == (again, 1, 3)
    assert at_the_same_place(store, stump[0]) == [again]


def test_a_listing_may_be_of_one_location(store, stump):
    assert [row.track for row in repeats(store, "river")] == [stump[-1]]
    assert repeats(store, "ridge") == []


def test_a_track_that_there_is_not_has_no_place(store):
    with pytest.raises(NotFoundError, match="in this archive"):
        at_the_same_place(store, "x.1")
