"""What is asked of tracking on the eight labelled clips, as shares of the time that tracks cover."""

from pathlib import Path

import pytest

from pipeline.analyse import load_networks
from pipeline.settings import load_settings
from pipeline.tracking.follow import follow
from pipeline.values import Kind, Track
from pipeline.video.decode import open_video

pytestmark = pytest.mark.footage

CLIPS = (
    "empty_day_vegetation_2fps",
    "empty_ir_reeds_2fps",
    "otter_ir_4k-hevc",
    "person_day_2fps",
    "red-deer_ir_browse",
    "small-cat_ir_sits-then-leaves",
)


@pytest.fixture(scope="module")
def tracks(footage: Path) -> dict[str, tuple[Track, ...]]:
    """The tracks of each clip, by its name."""
    settings = load_settings(environment={})
    networks = load_networks(settings)
    found = {}
    for name in CLIPS:
        with open_video(footage / "clips" / f"{name}.mp4") as video:
            found[name] = follow(
                video, networks.detect, networks.species, networks.detector_names_kinds, settings
            ).tracks
    return found


def covered(tracks: tuple[Track, ...], start_s: float, end_s: float) -> float:
    """Share (0..1) of the time between two moments in which there is a track."""
    reached, seconds = start_s, 0.0
    for track in sorted(tracks, key=lambda one: one.start_s):
        first, last = max(track.start_s, reached), min(track.end_s, end_s)
        seconds += max(0.0, last - first)
        reached = max(reached, last)
    return seconds / (end_s - start_s)


@pytest.mark.parametrize("name", ["empty_day_vegetation_2fps", "empty_ir_reeds_2fps"])
def test_moving_grass_and_reeds_are_no_animals(tracks: dict[str, tuple[Track, ...]], name: str) -> None:
    assert tracks[name] == ()


@pytest.mark.parametrize(
    ("name", "end_s", "share"),
    [
        ("red-deer_ir_browse", 20.6, 0.9),
        ("otter_ir_4k-hevc", 5.0, 0.8),
        ("small-cat_ir_sits-then-leaves", 9.7, 0.6),
    ],
)
def test_an_animal_is_followed_while_it_is_there(
    tracks: dict[str, tuple[Track, ...]], name: str, end_s: float, share: float
) -> None:
    assert covered(tracks[name], 0, end_s) >= share
    assert all(track.kind is Kind.ANIMAL for track in tracks[name])


def test_one_deer_is_not_many(tracks: dict[str, tuple[Track, ...]]) -> None:
    assert 1 <= len(tracks["red-deer_ir_browse"]) <= 2


def test_nothing_is_followed_after_the_cat_has_left(tracks: dict[str, tuple[Track, ...]]) -> None:
    assert covered(tracks["small-cat_ir_sits-then-leaves"], 10.0, 15.0) == 0


def test_a_person_is_told_from_an_animal(tracks: dict[str, tuple[Track, ...]]) -> None:
    kinds = [track.kind for track in tracks["person_day_2fps"]]
    assert Kind.PERSON in kinds
