"""Which pictures of a track are kept while a video is followed, and what of them is chosen at its end."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.individuals.calibration import read_calibration
from pipeline.individuals.pattern import read_pattern
from pipeline.individuals.saving import may_be_told, save_views
from pipeline.individuals.track_views import MOST_PICTURES, TrackViews, shows_one_of
from pipeline.tracking.follow import Followed
from pipeline.values import Kind, Samples, Track
from tests.individuals.painted import paint

RULE = read_calibration().flank
ASPECT = 16 / 9
TALL, WIDE = 720, 1280
SIZE = (0.3, 0.3)

Box = tuple[float, float, float, float]


def place(x: float) -> Box:
    return (x, 0.4, *SIZE)


def scene(box: Box, faces: str, coat: int = 1) -> np.ndarray:
    """A picture of grass with the painted animal in the box."""
    random = np.random.default_rng(5)
    picture = (np.array([60, 110, 80]) + random.normal(0, 12, (TALL, WIDE, 1))).clip(0, 255).astype(np.uint8)
    animal, mask = paint(coat, faces)
    size = (round(box[2] * WIDE), round(box[3] * TALL))
    small = cv2.resize(animal, size, interpolation=cv2.INTER_AREA)
    inside = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    top, left = round(box[1] * TALL), round(box[0] * WIDE)
    picture[top : top + size[1], left : left + size[0]][inside] = small[inside]
    return picture


def samples_of(places: list[tuple[float, Box]]) -> Samples:
    t, boxes = np.array([t for t, _ in places]), np.array([box for _, box in places])
    known = np.ones(len(t))
    return Samples(t=t, boxes=boxes, seen=known > 0, inner_motion=known, sharpness=known)


def track_of(samples: Samples, number: int = 1, kind: Kind = Kind.ANIMAL, species: str = "leopard", **scores: float):
    frames = np.arange(len(samples.t))
    seen = np.ones(len(frames), dtype=bool)
    return Track(number, kind, 0.9, frames, samples.t, samples.boxes, seen, seen * 0.8, species, 0.9, scores)


@pytest.fixture(scope="module")
def there_and_back() -> tuple[TrackViews, Samples]:
    """An animal that walks to the right and, as the linker's second part, more slowly back to the left."""
    going = [(number / 6, place(0.02 + 0.05 * number)) for number in range(12)]
    coming = [(2.0 + number / 6, place(0.6 - 0.03 * number)) for number in range(12)]
    views = TrackViews(RULE)
    for part, (places, faces) in enumerate(((going, "right"), (coming, "left")), start=1):
        for t, box in places:
            views.offer(part, t, scene(box, faces), box)
    return views, samples_of([*going, *coming])


def nothing(t: float, window: Box) -> bool:
    return False


def test_an_animal_that_comes_and_goes_back_shows_both_flanks(there_and_back) -> None:
    views, samples = there_and_back
    found = views.of((1, 2), samples, ASPECT, nothing)
    assert {view.flank for view in found} == {"left", "right"}
    for view in found:
        if view.flank_probability >= 0.9:
            assert view.flank == ("right" if view.t < 2 else "left")
    assert max(view.flank_probability for view in found if view.flank == "left") >= 0.9
    assert max(view.flank_probability for view in found if view.flank == "right") >= 0.9


def test_at_most_three_views_of_a_flank_are_chosen_in_order_of_time_and_apart(there_and_back) -> None:
    views, samples = there_and_back
    found = views.of((1, 2), samples, ASPECT, nothing)
    times = [view.t for view in found]
    assert times == sorted(times)
    assert all([view.flank for view in found].count(flank) <= 3 for flank in ("left", "right"))


def test_a_part_that_is_not_in_the_track_gives_it_no_view(there_and_back) -> None:
    views, samples = there_and_back
    assert all(view.t < 2 for view in views.of((1,), samples, ASPECT, nothing))
    assert views.of((9,), samples, ASPECT, nothing) == ()


def test_memory_is_bounded_however_many_tracks_there_are() -> None:
    views, picture = TrackViews(RULE), scene(place(0.3), "right")
    for part in range(30):
        for number in range(4):
            views.offer(part, part + number / 2, picture, place(0.2 + number * 0.05))
    held = [sum(len(way) for way in ways.values()) for ways in views._views.values()]
    assert sum(held) == MOST_PICTURES
    assert min(held) >= 1


def test_an_animals_views_are_saved_as_small_pictures_with_what_its_coat_shows(there_and_back, tmp_path: Path) -> None:
    views, samples = there_and_back
    followed = Followed((track_of(samples),), (samples,), ((1, 2),))
    kept = save_views(tmp_path, views, followed, ASPECT, {"leopard"})
    assert len(kept) >= 4
    for one in kept:
        picture = cv2.imread(str(tmp_path / one.picture))
        assert picture is not None
        assert not one.picture.is_absolute()
        assert max(picture.shape) < WIDE / 2
        assert one.pattern is not None
        assert len(read_pattern(tmp_path / one.pattern)) > 20


def test_a_picture_with_a_person_in_it_is_never_kept(there_and_back, tmp_path: Path) -> None:
    views, samples = there_and_back
    beside = samples_of([(t, (0.0, 0.3, 0.35, 0.6)) for t in samples.t[:12].tolist()])
    tracks = (track_of(samples), track_of(beside, 2, Kind.PERSON, "person"))
    kept = save_views(tmp_path, views, Followed(tracks, (samples, beside), ((1, 2), (7,))), ASPECT, {"leopard"})
    assert kept
    near = shows_one_of(tracks[1:])
    assert not any(near(one.t, place(float(np.interp(one.t, samples.t, samples.boxes[:, 0])))) for one in kept)
    assert min(one.t for one in kept) > 0.5  # until then the person stood before the animal
    assert {one.track for one in kept} == {1}


@pytest.mark.parametrize(
    ("kind", "species", "scores", "told"),
    [
        (Kind.ANIMAL, "leopard", {"leopard": 0.9}, True),
        (Kind.ANIMAL, "unknown", {"deer": 0.4}, True),
        (Kind.ANIMAL, "deer", {"deer": 0.9}, False),
        (Kind.ANIMAL, "red-fox", {"red-fox": 0.6, "leopard": 0.2}, True),
        (Kind.PERSON, "person", {}, False),
        (Kind.UNKNOWN, "unknown", {}, False),
    ],
)
def test_views_are_kept_where_a_coat_may_tell_who_it_is(kind: Kind, species: str, scores: dict, told: bool) -> None:
    track = track_of(samples_of([(0.0, place(0.1)), (1.0, place(0.2))]), 1, kind, species, **scores)
    assert may_be_told(track, {"leopard", "tiger"}) is told
