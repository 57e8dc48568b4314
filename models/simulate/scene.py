"""One scene from order to clip: who acts, before which trap, in which light, filmed or only measured."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from models.simulate.act import NEEDS_TRUNK, Part, act
from models.simulate.annotation import (
    SceneAnimal,
    SceneBout,
    SceneContact,
    SceneTruth,
    SceneVideo,
    write_annotation,
)
from models.simulate.banner import add_banner, banner_rows
from models.simulate.camera import moved_px
from models.simulate.cast import Figure, Player, bring_part, bring_walker, look_at
from models.simulate.composing import Air, Blur, seen_shares, take_scene
from models.simulate.deployments import ZONE
from models.simulate.film import write_motion_jpeg, write_timed_film
from models.simulate.glade import covering_layers, grow_station
from models.simulate.light import Light, draw_light
from models.simulate.order import EMPTY, PERSON, Order, coat_of
from models.simulate.person import draw_walker
from models.simulate.plants import Layer
from models.simulate.silhouette import encode
from models.simulate.station import Station, set_up, stage_of

_SHUTTER_S = {"day": 0.008, "infrared": 0.03}  # how long each frame is exposed
_QUALITY = {"day": 22, "infrared": 24}  # x264's CRF; night's noise is dear, so it gets less
_LATE = 0.25  # chance that an unsteady trap loses a frame


@dataclass(slots=True)
class _Record:
    """What was seen of one player, frame by frame; filled while the scene is shot."""

    part: Part | None  # None for a person
    figures: list[Figure | None] = field(default_factory=list)
    silhouettes: list[str | None] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Setting:
    """Everything about a scene but who acts in it."""

    order: Order
    station: Station
    light: Light
    air: Air
    times: tuple[float, ...]  # seconds from the start of the video
    captured_at: datetime  # aware
    celsius: int


def make_scene(order: Order, folder: Path) -> Path:
    """Films an order into `folder` and writes its truth beside it, last: a clip with a truth is whole.

    Returns:
        The truth's path.

    Raises:
        OSError: a file cannot be written.
    """
    setting = _set(order)
    path = folder / f"{order.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    records: list[_Record] = []
    with ExitStack() as stack:
        players = _enter(setting, stack, records)
        if order.shaded:
            _write(setting, _pictures(setting, players, records), folder)
        else:
            covering = _hiding(setting, covering_layers(setting.station, setting.light))
            for second in setting.times:
                _watch(setting, players, records, covering, second)
    write_annotation(_truth(setting, records), path)
    return path


def film_scene(order: Order) -> Iterator[NDArray[np.uint8]]:
    """The frames of an order, (height, width, 3) RGB each, without writing anything."""
    setting = _set(order)
    records: list[_Record] = []
    with ExitStack() as stack:
        players = _enter(setting, stack, records)
        yield from (picture for _, picture in _pictures(setting, players, records))


def video_suffix(station: Station) -> str:
    """Suffix of the files that this trap writes."""
    return ".AVI" if station.container == "avi" else ".MP4"


def _set(order: Order) -> _Setting:
    random = np.random.default_rng([order.motion_seed, 7])
    station = set_up(order.camera_seed, order.width, order.height)
    is_night = order.light == "infrared"
    windy = order.subject == EMPTY and random.random() < 0.6
    wind = random.uniform(0.6, 1.0) if windy else random.uniform(0.03, 0.45)
    falls = random.random()
    air = Air(
        wind=wind if order.wind is None else order.wind,
        weather="rain" if falls < 0.08 else "snow" if falls < 0.14 else "none",
        insects=int(random.integers(1, 4)) if is_night and random.random() < 0.25 else 0,
        seed=order.motion_seed,
    )
    hour = random.choice((21, 22, 23, 0, 1, 2, 3)) if is_night else random.integers(6, 19)
    day = datetime(2025, 6, 13, int(hour), tzinfo=ZoneInfo(ZONE))
    captured_at = day + timedelta(days=int(random.integers(0, 6)), seconds=int(random.integers(3600)))
    celsius = int(random.integers(-12, 1)) if air.weather == "snow" else int(random.integers(4, 27))
    times = _frame_times(station, order.seconds, random)
    light = draw_light(is_night, order.motion_seed)
    return _Setting(order, station, light, air, times, order.captured_at or captured_at, celsius)


def _frame_times(station: Station, seconds: float, random: np.random.Generator) -> tuple[float, ...]:
    """When the trap takes its frames; an unsteady one loses some."""
    grid = np.arange(round(seconds * station.fps)) / station.fps
    if not station.steady:
        kept = random.random(len(grid)) >= _LATE
        kept[0] = True
        grid = grid[kept]
    return tuple(float(second) for second in grid.round(4))


def _enter(setting: _Setting, stack: ExitStack, records: list[_Record]) -> list[Player]:
    order, station = setting.order, setting.station
    if order.subject == EMPTY:
        return []
    if order.subject == PERSON:
        random = np.random.default_rng([order.motion_seed, 8])
        depth = float(random.uniform(station.nearest + 0.8, station.farthest + 1))
        records.append(_Record(None))
        walker = draw_walker(order.motion_seed, station.camera, depth)
        return [stack.enter_context(bring_walker(station.camera, setting.light, walker, order.shaded))]
    stage = stage_of(station, order.subject in NEEDS_TRUNK)
    players = []
    parts = act(order.subject, order.motion_seed, order.seconds + station.delay_s, stage, order.cast)
    for number, part in enumerate(parts):
        if number >= len(order.cast):
            coat = coat_of(order, number)
            individual = replace(part.individual, coat=coat, name=f"{part.individual.species} {coat}")
            part = replace(part, individual=individual)
        records.append(_Record(part))
        players.append(stack.enter_context(bring_part(station.camera, setting.light, part, order.shaded)))
    return players


def _pictures(
    setting: _Setting, players: list[Player], records: list[_Record]
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    order = setting.order
    glade = grow_station(setting.station, setting.light)
    covering = _hiding(setting, glade.front)
    for index, second in enumerate(setting.times):
        figures = _watch(setting, players, records, covering, second)
        there = [(number, figure) for number, figure in enumerate(figures) if figure is not None]
        blurs = [_blur(setting, records[number], second) for number, _ in there]
        noise = np.random.default_rng([order.motion_seed, 9, index])
        picture = take_scene(glade, [figure for _, figure in there], blurs, setting.air, second, noise)
        if setting.station.banner:
            now = setting.captured_at + timedelta(seconds=second)
            picture = add_banner(picture, now, setting.celsius)
        yield second, picture


def _watch(
    setting: _Setting, players: list[Player], records: list[_Record], covering: tuple[Layer, ...], second: float
) -> list[Figure | None]:
    """Poses everybody, writes down what is seen of them, and gives their figures."""
    camera, shaded = setting.station.camera, setting.order.shaded
    filmed = second + setting.station.delay_s
    figures = [look_at(camera, setting.light, player, filmed, shaded) for player in players]
    shares = iter(seen_shares([figure for figure in figures if figure is not None], covering, setting.air, second))
    for record, figure in zip(records, figures, strict=True):
        is_there = figure is not None and figure.box is not None
        share = 0.0 if figure is None else next(shares)
        record.shares.append(round(share, 3) if is_there else 0.0)
        is_outlined = setting.order.outlined and is_there
        outline = encode(figure.mask[:: figure.fine, :: figure.fine]) if figure and is_outlined else None
        record.silhouettes.append(outline)
        record.figures.append(_light_copy(figure) if figure and is_there else None)
    return figures


def _hiding(setting: _Setting, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Everything that hides an animal: the plants, and the banner if there is one."""
    if not setting.station.banner:
        return layers
    height, width = setting.order.height, setting.order.width
    cover = np.zeros((height, width), dtype=np.float32)
    cover[height - banner_rows(height) :] = 1.0
    banner = Layer(np.zeros((height, width, 3), dtype=np.float32), cover, np.zeros_like(cover), 0.0)
    return (*layers, banner)


def _light_copy(figure: Figure) -> Figure:
    """The figure without its pictures, so that memory does not grow with the clip."""
    # Not `mask[:0]`: an empty view keeps all of what it looks into.
    nothing = np.zeros((0, 0))
    return replace(figure, mask=nothing.astype(np.bool_), depth=nothing.astype(np.float32), colour=None)


def _blur(setting: _Setting, record: _Record, second: float) -> Blur:
    """How far the figure moves in the picture while the shutter is open, from its last two frames."""
    earlier, latest = record.figures[-2:] if len(record.figures) > 1 else (None, None)
    if earlier is None or latest is None:
        return (0.0, 0.0)
    right, down = moved_px(setting.station.camera, earlier.bones, latest.bones)
    share = _SHUTTER_S[setting.order.light] / (second - setting.times[len(record.figures) - 2])
    return (right * share, down * share)


def _write(setting: _Setting, pictures: Iterator[tuple[float, NDArray[np.uint8]]], folder: Path) -> None:
    station, order = setting.station, setting.order
    path = folder / f"{order.name}{video_suffix(station)}"
    if station.container == "avi":
        write_motion_jpeg((picture for _, picture in pictures), path, station.fps, setting.captured_at)
    else:
        write_timed_film(pictures, path, station.fps, setting.captured_at, _QUALITY[order.light])


def _truth(setting: _Setting, records: list[_Record]) -> SceneTruth:
    order, station = setting.order, setting.station
    return SceneTruth(
        clip=order.name,
        seed=order.motion_seed,
        simulated=True,
        captured_at=setting.captured_at.isoformat(),
        subject=order.subject,
        split=order.split,
        camera=order.camera_seed,
        light=order.light,
        weather=setting.air.weather,
        wind=round(setting.air.wind, 3),
        shaded=order.shaded,
        video=SceneVideo(float(station.fps), len(setting.times), order.width, order.height, setting.times),
        animals=tuple(_animal_truth(setting, record) for record in records),
    )


def _animal_truth(setting: _Setting, record: _Record) -> SceneAnimal:
    part, figures = record.part, record.figures
    names = next((tuple(figure.joints) for figure in figures if figure), ())
    return SceneAnimal(
        individual=part.individual.name if part else PERSON,
        species=part.individual.species if part else PERSON,
        coat=part.individual.coat if part else None,
        size=part.individual.size if part else 1.0,
        girth=part.individual.girth if part else 1.0,
        limp=part.individual.limp if part else 0.0,
        lame_leg=part.individual.lame_leg if part and part.individual.limp else None,
        tail=part.individual.tail if part else 0.0,
        stride_hz=part.stride_hz if part else None,
        asymmetry=part.asymmetry if part else None,
        boxes=tuple(_rounded(figure) for figure in figures),
        visible_share=tuple(record.shares),
        silhouettes=tuple(record.silhouettes),
        flanks=tuple(figure.flank if figure else None for figure in figures),
        joints={name: tuple(figure.joints[name] if figure else None for figure in figures) for name in names},
        behaviours=_bouts(setting, part, figures) if part else (),
        contacts=_contacts(setting, part) if part else (),
    )


def _rounded(figure: Figure | None) -> tuple[float, float, float, float] | None:
    if figure is None or figure.box is None:
        return None
    x, y, w, h = (round(value, 5) for value in figure.box)
    return x, y, w, h


def _bouts(setting: _Setting, part: Part, figures: list[Figure | None]) -> tuple[SceneBout, ...]:
    """The part's stretches in the time of the video, cut to the time in which the animal is in the picture."""
    there = [index for index, figure in enumerate(figures) if figure]
    if not there:
        return ()
    delay, station, last_frame = setting.station.delay_s, setting.station, len(setting.times) - 1
    first, last = setting.times[there[0]], setting.times[there[-1]] + 1 / station.fps
    bouts = []
    for stretch in part.behaviours:
        start, end = max(stretch.start_s - delay, first), min(stretch.end_s - delay, last)
        if end <= start:
            continue
        bouts.append(
            SceneBout(
                behaviour=stretch.behaviour,
                sub_behaviour=stretch.sub_behaviour,
                role=stretch.role,
                start_s=round(start, 3),
                end_s=round(end, 3),
                cut_start=there[0] == 0 and stretch.start_s < delay,
                cut_end=there[-1] == last_frame and stretch.end_s - delay >= last - 1e-6,
            )
        )
    return tuple(bouts)


def _contacts(setting: _Setting, part: Part) -> tuple[SceneContact, ...]:
    """The part's contacts, in the time of the video, cut to its length."""
    delay, end = setting.station.delay_s, setting.times[-1] + 1 / setting.station.fps
    cut = (
        SceneContact(one.what, one.body, round(max(one.start_s - delay, 0), 3), round(min(one.end_s - delay, end), 3))
        for one in part.contacts
    )
    return tuple(contact for contact in cut if contact.end_s > contact.start_s)
