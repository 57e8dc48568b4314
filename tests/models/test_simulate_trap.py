"""The simulated trap: how it hangs, what it records, and that the truth beside a clip is true of the clip."""

import importlib.util
import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from ctypes.util import find_library
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from models.simulate.banner import add_banner, banner_rows
from models.simulate.camera import project
from models.simulate.film import write_motion_jpeg, write_timed_film
from models.simulate.light import NIGHT, NOON
from models.simulate.order import Order
from models.simulate.renderer import choose_renderer
from models.simulate.silhouette import decode, encode
from models.simulate.station import set_up, stage_of
from models.simulate.weather import add_insects, add_weather

WIDTH, HEIGHT = 240, 136

needs_renderer = pytest.mark.skipif(
    importlib.util.find_spec("dm_control") is None or find_library("OSMesa") is None,
    reason="needs ethotrap[simulate] and Debian's libosmesa6",
)


# The trap.


@given(seed=st.integers(0, 2_999_999))
def test_an_animal_that_walks_past_fits_into_the_picture(seed: int) -> None:
    station = set_up(seed, WIDTH, HEIGHT)
    assert 0.3 <= station.camera.elevation <= 1.1
    assert station.nearest < station.farthest
    corners = [[x, y, z] for x in (-0.2, 0.2) for y in (station.nearest, station.farthest) for z in (0.0, 0.8)]
    seen = project(station.camera, np.array(corners))
    assert (seen > 0).all()
    assert (seen < (WIDTH, HEIGHT)).all()


@given(seed=st.integers(0, 2_999_999))
def test_a_camera_seed_fixes_the_trap(seed: int) -> None:
    assert set_up(seed, WIDTH, HEIGHT) == set_up(seed, WIDTH, HEIGHT)
    assert 2 <= set_up(seed, WIDTH, HEIGHT).fps <= 30


@given(seed=st.integers(0, 2_999_999))
def test_animals_that_use_no_trunk_keep_in_front_of_it(seed: int) -> None:
    station = set_up(seed, WIDTH, HEIGHT)
    stage = stage_of(station, marked=False)
    (trunk,) = stage.trunks
    assert stage.nearest < stage.farthest < trunk.y
    assert trunk.y <= stage_of(station, marked=True).farthest


def test_traps_differ() -> None:
    stations = [set_up(seed, WIDTH, HEIGHT) for seed in range(60)]
    assert {station.container for station in stations} == {"mp4", "avi"}
    assert {station.banner for station in stations} == {True, False}
    assert {station.steady for station in stations} == {True, False}
    assert min(station.fps for station in stations) <= 8
    assert max(station.fps for station in stations) >= 25


# What it records with.


@given(mask=arrays(np.bool_, st.tuples(st.integers(1, 40), st.integers(1, 40))))
def test_a_silhouette_comes_back_as_it_was(mask: NDArray[np.bool_]) -> None:
    assert np.array_equal(decode(encode(mask), *mask.shape), mask)


def test_a_silhouette_is_written_as_coco_does() -> None:
    mask = np.zeros((6, 5), dtype=np.bool_)
    mask[1:4, 1:3] = True
    assert encode(mask) == "7330;"  # runs 7, 3, 3, 3, 14, as pycocotools 2.0 writes them


def test_a_silhouette_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="cover 30 pixels and the picture has 36"):
        decode(encode(np.ones((5, 6), dtype=np.bool_)), 6, 6)


def pictures(count: int) -> list[NDArray[np.uint8]]:
    return [np.full((48, 64, 3), 40 + 10 * number, dtype=np.uint8) for number in range(count)]


def test_a_video_keeps_the_uneven_times_of_its_frames(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.3, 0.35, 1.2]
    path = tmp_path / "uneven.MP4"
    captured_at = datetime(2025, 6, 14, 5, 42, 18, tzinfo=UTC)
    write_timed_film(zip(times, pictures(5), strict=True), path, 10, captured_at, 20)
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        assert container.metadata["creation_time"][:19] == "2025-06-14T05:42:18"
    assert [frame.time for frame in frames] == pytest.approx(times, abs=1e-4)
    assert [float(frame.to_ndarray(format="gray").mean()) for frame in frames] == sorted(
        float(frame.to_ndarray(format="gray").mean()) for frame in frames
    )


def test_an_old_trap_writes_motion_jpeg_with_its_date(tmp_path: Path) -> None:
    path = tmp_path / "old.AVI"
    write_motion_jpeg(pictures(4), path, 5, datetime(2025, 6, 14, 5, 42, 18, tzinfo=UTC))
    with av.open(str(path)) as container:
        assert container.format.name == "avi"
        assert container.streams.video[0].codec_context.name == "mjpeg"
        assert container.metadata["date"] == "2025-06-14 05:42:18"
        assert len(list(container.decode(video=0))) == 4


def test_the_banner_covers_the_lowest_rows_alone() -> None:
    picture = np.full((270, 480, 3), 120, dtype=np.uint8)
    stamped = add_banner(picture, datetime(2025, 6, 14, 5, 42, 18, tzinfo=UTC), -4)
    rows = banner_rows(270)
    assert np.array_equal(stamped[:-rows], picture[:-rows])
    assert (stamped[-rows:] > 200).sum() > 100
    assert (stamped[-rows:] == 0).mean() > 0.5


def test_rain_and_snow_fall_and_insects_fly() -> None:
    scene = np.full((135, 240, 3), 0.3, dtype=np.float32)
    assert add_weather(scene, NOON, "none", 1, 0.5) is scene
    for first, second in (
        (add_weather(scene, NOON, "rain", 1, 0.5), add_weather(scene, NOON, "rain", 1, 0.6)),
        (add_weather(scene, NOON, "snow", 1, 0.5), add_weather(scene, NOON, "snow", 1, 0.6)),
        (add_insects(scene, 3, 1, 0.5), add_insects(scene, 3, 1, 0.8)),
    ):
        assert 0.001 < (np.abs(first - scene).max(axis=2) > 0.05).mean() < 0.5
        assert not np.array_equal(first, second)
    assert add_weather(scene, NIGHT, "snow", 1, 0.5).max() > add_weather(scene, NOON, "snow", 1, 0.5).max()


# Whole clips. They are rendered in a child process: OSMesa and torch crash one another when both are loaded.


def camera_with(fps: int, container: str, banner: bool) -> int:
    """A training camera of this kind."""
    for seed in range(10_000):
        station = set_up(seed, WIDTH, HEIGHT)
        if (station.fps, station.container, station.banner) == (fps, container, banner):
            return seed
    raise LookupError("no such camera")


def order(name: str, subject: str, *, camera: int, shaded: bool = True) -> Order:
    return Order(
        name=f"LOC/{name}",
        subject=subject,
        light="day",
        split="train",
        camera_seed=camera,
        motion_seed=12,
        coat_seed=5,
        seconds=1.6,
        width=WIDTH,
        height=HEIGHT,
        shaded=shaded,
    )


def render_all(orders: list[Order], folder: Path) -> dict[str, NDArray[np.uint8]]:
    choose_renderer()
    from models.simulate.scene import film_scene, make_scene

    for one in orders:
        make_scene(one, folder)
    return {one.name: next(film_scene(one)) for one in orders if one.shaded}


def in_child(work: Any, *arguments: Any) -> Any:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


class Clips:
    """A handful of rendered clips, and the first frame of each rendered once more."""

    def __init__(self, folder: Path, again: dict[str, NDArray[np.uint8]]) -> None:
        self.folder = folder
        self.again = again

    def truth(self, name: str) -> dict[str, Any]:
        tree: dict[str, Any] = json.loads((self.folder / "LOC" / f"{name}.json").read_text(encoding="utf-8"))
        return tree

    def film(self, name: str) -> NDArray[np.uint8]:
        (path,) = (path for path in (self.folder / "LOC").glob(f"{name}.*") if path.suffix in {".MP4", ".AVI"})
        with av.open(str(path)) as container:
            return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


NAMES = ("walk", "measured", "hunt", "person", "empty")


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    if importlib.util.find_spec("dm_control") is None or find_library("OSMesa") is None:
        pytest.skip("needs ethotrap[simulate] and Debian's libosmesa6")
    folder = tmp_path_factory.mktemp("simulated")
    modern, old = camera_with(5, "mp4", True), camera_with(5, "avi", False)
    orders = [
        order("walk", "travel", camera=modern),
        order("measured", "travel", camera=modern, shaded=False),
        order("hunt", "chase", camera=modern, shaded=False),
        order("person", "person", camera=old),
        order("empty", "empty", camera=old),
    ]
    return Clips(folder, in_child(render_all, orders, folder))


@pytest.mark.parametrize("name", ["walk", "person", "empty"])
def test_the_truth_counts_the_frames_of_the_video(clips: Clips, name: str) -> None:
    film, video = clips.film(name), clips.truth(name)["video"]
    assert film.shape == (video["frames"], HEIGHT, WIDTH, 3)
    assert len(video["times_s"]) == video["frames"]
    assert all(before < after for before, after in pairwise(video["times_s"]))


@pytest.mark.parametrize("name", ["walk", "person", "empty"])
def test_the_same_order_gives_the_same_pixels(clips: Clips, name: str) -> None:
    recorded = clips.film(name)[0].astype(int)
    assert np.abs(recorded - clips.again[f"LOC/{name}"]).mean() < 6  # all that is between them is the codec


@needs_renderer
def test_an_order_rendered_twice_is_the_same_to_the_last_bit() -> None:
    one = order("empty", "person", camera=camera_with(5, "avi", False))
    first, second = (in_child(first_frame, one) for _ in range(2))
    assert np.array_equal(first, second)


def first_frame(one: Order) -> NDArray[np.uint8]:
    choose_renderer()
    from models.simulate.scene import film_scene

    return next(film_scene(one))


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_has_the_shape_of_mammalps_annotations(clips: Clips, name: str) -> None:
    truth = clips.truth(name)
    assert truth["info"]["num_frames"] == len(truth["frames"]) == truth["video"]["frames"]
    assert truth["info"]["resolution"] == f"{WIDTH}x{HEIGHT}"
    assert truth["info"]["attributes"]["meteo_conditions"] in {"none", "rain", "snow"}
    for index, frame in enumerate(truth["frames"]):
        assert frame["frame_id"] == index
        for detection in frame["detections"]:
            assert set(detection) == {"track_id", "bbox", "attributes", "segment_id"}
            assert set(detection["attributes"]) == {"action", "action2", "activity", "species"}
            x1, y1, x2, y2 = detection["bbox"]
            assert 0 <= x1 < x2 <= WIDTH
            assert 0 <= y1 < y2 <= HEIGHT
            x, y, w, h = truth["animals"][detection["track_id"] - 1]["boxes"][index]
            assert (x1 / WIDTH, y1 / HEIGHT) == pytest.approx((x, y), abs=0.005)
            assert (x2 / WIDTH, y2 / HEIGHT) == pytest.approx((x + w, y + h), abs=0.005)


@pytest.mark.parametrize("name", ["walk", "measured", "hunt", "person"])
def test_a_box_encloses_its_silhouette(clips: Clips, name: str) -> None:
    compared = 0
    for animal in clips.truth(name)["animals"]:
        for box, text, share in zip(animal["boxes"], animal["silhouettes"], animal["visible_share"], strict=True):
            assert (box is None) == (text is None)
            assert 0 <= share <= (0 if box is None else 1)
            if box is None or box[2] * WIDTH < 3 or box[3] * HEIGHT < 3:
                continue
            rows, columns = np.nonzero(decode(text, HEIGHT, WIDTH))
            assert (columns.min(), rows.min()) == pytest.approx((box[0] * WIDTH, box[1] * HEIGHT), abs=2)
            far = ((box[0] + box[2]) * WIDTH, (box[1] + box[3]) * HEIGHT)
            assert (columns.max() + 1, rows.max() + 1) == pytest.approx(far, abs=2)
            compared += 1
    assert compared >= 3


def test_measuring_without_pictures_gives_the_same_truth(clips: Clips) -> None:
    filmed, measured = clips.truth("walk"), clips.truth("measured")
    assert not list((clips.folder / "LOC").glob("measured.[MA]*"))
    (one,), (other,) = filmed["animals"], measured["animals"]
    assert {key: one[key] for key in one if key not in MEASURED_BY_PIXEL} == {
        key: other[key] for key in other if key not in MEASURED_BY_PIXEL
    }
    for first, second in zip(one["boxes"], other["boxes"], strict=True):
        assert (first is None) == (second is None)
        if first is not None:
            assert np.abs(np.subtract(first, second) * (WIDTH, HEIGHT, WIDTH, HEIGHT)).max() <= 2
    assert one["visible_share"] == pytest.approx(other["visible_share"], abs=0.1)


MEASURED_BY_PIXEL = {"boxes", "visible_share", "silhouettes", "joints"}


def test_the_animal_in_the_picture_is_where_the_truth_says(clips: Clips) -> None:
    film, (animal,) = clips.film("walk").astype(float), clips.truth("walk")["animals"]
    middle = len(film) // 2
    before, now = animal["silhouettes"][middle - 1], animal["silhouettes"][middle]
    left = decode(before, HEIGHT, WIDTH) ^ decode(now, HEIGHT, WIDTH)  # what it has left or reached
    changed = np.abs(film[middle] - film[middle - 1]).mean(axis=2)
    rows = slice(0, HEIGHT - banner_rows(HEIGHT))
    assert changed[rows][left[rows]].mean() > 3 * changed[rows][~left[rows]].mean()


@pytest.mark.parametrize("name", ["walk", "hunt"])
def test_joints_that_are_seen_lie_in_the_silhouette_or_beside_it(clips: Clips, name: str) -> None:
    seen = 0
    for animal in clips.truth(name)["animals"]:
        for places in animal["joints"].values():
            for place, box in zip(places, animal["boxes"], strict=True):
                if place is not None and place[2] == 2:
                    x, y, w, h = box
                    assert x - 0.02 <= place[0] <= x + w + 0.02
                    assert y - 0.02 <= place[1] <= y + h + 0.02
                    seen += 1
    assert seen > 10


def test_behaviours_follow_one_another_while_the_animal_is_there(clips: Clips) -> None:
    for name in ("walk", "hunt"):
        truth = clips.truth(name)
        for animal in truth["animals"]:
            times = [second for second, box in zip(truth["video"]["times_s"], animal["boxes"], strict=True) if box]
            bouts = animal["behaviours"]
            assert bouts[0]["start_s"] == pytest.approx(min(times), abs=0.01)
            assert bouts[-1]["end_s"] == pytest.approx(max(times) + 1 / truth["video"]["fps"], abs=0.01)
            assert all(one["end_s"] == other["start_s"] for one, other in pairwise(bouts))


def test_the_hunt_has_a_hunter_and_its_prey(clips: Clips) -> None:
    animals = clips.truth("hunt")["animals"]
    assert len(animals) == 2
    assert len({animal["individual"] for animal in animals}) == 2
    assert all(bout["behaviour"] == "chase" for bout in animals[0]["behaviours"])


def test_a_person_is_upright_and_does_nothing_of_the_ethogram(clips: Clips) -> None:
    (person,) = clips.truth("person")["animals"]
    assert person["species"] == "person"
    assert person["behaviours"] == []
    whole = [box for box in person["boxes"] if box and box[0] > 0.01 and box[0] + box[2] < 0.99]
    assert whole
    assert all(box[3] * HEIGHT > 1.4 * box[2] * WIDTH for box in whole)


def test_an_empty_clip_holds_no_animal(clips: Clips) -> None:
    truth = clips.truth("empty")
    assert truth["animals"] == []
    assert all(frame["detections"] == [] for frame in truth["frames"])


@needs_renderer
def test_who_stands_in_front_hides_who_stands_behind() -> None:
    shares = in_child(shares_of_two)
    assert shares["alone"] == pytest.approx([1.0])
    assert shares["both"] == pytest.approx([0.5, 1.0])  # the nearer one covers half of the farther one
    assert shares["behind a trunk"] == pytest.approx([0.25, 0.5])


def shares_of_two() -> dict[str, list[float]]:
    choose_renderer()
    from models.simulate.cast import Figure
    from models.simulate.composing import Air, seen_shares
    from models.simulate.plants import Layer

    def figure(columns: slice, metres: float) -> Figure:
        mask = np.zeros((20, 40), dtype=np.bool_)
        mask[5:15, columns] = True
        depth = np.where(mask, metres, np.inf).astype(np.float32)
        pixels = float(mask.sum())
        return Figure(mask, depth, 1, None, None, 1.0, pixels, np.zeros((1, 3)), {}, "left", ())

    nothing = np.zeros((20, 40, 3), dtype=np.float32)
    cover = np.zeros((20, 40), dtype=np.float32)
    cover[:10] = 1.0
    trunk = Layer(nothing, cover, np.zeros((20, 40), dtype=np.float32), 2.0)
    far, near, air = figure(slice(0, 20), 4.0), figure(slice(10, 30), 3.0), Air(0.0, "none", 0, 1)
    return {
        "alone": seen_shares([far], [], air, 0.0),
        "both": seen_shares([far, near], [], air, 0.0),
        "behind a trunk": seen_shares([far, near], [trunk], air, 0.0),
    }
