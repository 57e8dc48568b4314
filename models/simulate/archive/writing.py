"""Write a made-up park into an archive, through the same functions that the nightly run and people's decisions use."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from models.simulate.archive.animals import Animal, Cast, draw_cast
from models.simulate.archive.sightings import Filmed, Shown, draw_sightings
from models.simulate.archive.stations import Station, draw_stations
from pipeline.footage.clock import parse_zone
from pipeline.individuals.animals import Flank, LifeStage
from pipeline.individuals.decisions import Traits
from pipeline.store import identities
from pipeline.store.identities import By
from pipeline.store.ledger import record_files
from pipeline.store.open import Store
from pipeline.store.result import AnalysisKey, AnalysisResult, FileSeen, TrackSummary, number_bouts
from pipeline.store.results import save_analysis
from pipeline.values import Bout, CaptureTime, DecodeReport, Footage, Kind, VideoInfo

FIRST_DAY = date(2024, 1, 1)
DAYS = 731
SPECIES = "leopard"
SECONDS = 20.0
KEY = AnalysisKey("simulated", {"made up": "no weights"}, "simulated")
WHO = "the simulation"


@dataclass(frozen=True, slots=True)
class MadePark:
    """The truth about an archive."""

    seed: int
    cast: Cast
    stations: tuple[Station, ...]
    filmed: tuple[Filmed, ...]


def make_park(seed: int, days: int = DAYS) -> MadePark:
    """Draw a park; equal seeds, equal parks."""
    draw = np.random.default_rng(seed)
    cast = draw_cast(draw, FIRST_DAY, days)
    stations = draw_stations(draw, FIRST_DAY, days)
    return MadePark(seed, cast, tuple(stations), tuple(draw_sightings(draw, cast, stations)))


def write_park(park: MadePark, store: Store) -> None:
    """Let an empty archive have the park's videos, what was found in them, and whom a person recognised.

    Raises:
        StoreError: the database refused.
    """
    videos = [_result(park.seed, number, filmed) for number, filmed in enumerate(park.filmed)]
    record_files(store, [_file(one) for one in videos])
    for one in videos:
        save_analysis(store, one)
    _recognise(park, videos, store)


def codes_of(animal: Animal, flanks: tuple[Flank, ...]) -> str | None:
    """The code under which a person keeps a sighting; None: a provisional one.

    An animal whose flanks nobody has linked has a code for each; a video that shows both goes to neither.
    """
    if animal.second_code is None:
        return animal.code
    return animal.code if flanks == (Flank.LEFT,) else animal.second_code


def is_kept(shown: Shown, animal: Animal) -> bool:
    """A person recognised the animal in this video."""
    return shown.recognised and not (animal.second_code is not None and len(shown.flanks) > 1)


def _recognise(park: MadePark, videos: Sequence[AnalysisResult], store: Store) -> None:
    by = By(WHO, "simulated", datetime(2026, 1, 1, tzinfo=UTC))
    entered: dict[tuple[int, str | None], str] = {}
    rest: list[tuple[str, str, tuple[Flank, ...] | None]] = []
    for filmed, video in zip(park.filmed, videos, strict=True):
        for number, shown in enumerate(filmed.shown, start=1):
            animal = park.cast.animals[shown.animal]
            if not is_kept(shown, animal):
                continue
            track = f"{video.footage.media_id}.{number}"
            key = (animal.number, codes_of(animal, shown.flanks))
            if key in entered:
                rest.append((track, entered[key], shown.flanks))
            else:
                entered[key] = _enter(park, animal, key[1], track, shown.flanks, by, store, entered)
    identities.confirm_all(store, rest, by)


def _enter(
    park: MadePark,
    animal: Animal,
    code: str | None,
    track: str,
    flanks: tuple[Flank, ...],
    by: By,
    store: Store,
    entered: dict[tuple[int, str | None], str],
) -> str:
    """Put an animal into the registry with what a person can see of it; its code there."""
    young = animal.stage is not LifeStage.ADULT
    mother = None
    if animal.mother is not None:
        one = park.cast.animals[animal.mother]
        mother = entered.get((one.number, one.code))
    traits = Traits(
        sex=animal.sex if animal.sex_known else None,
        born=animal.born if young else None,
        stage=None if young or code is None else LifeStage.ADULT,
        stage_from=None if young or code is None else park.cast.first_day,
    )
    made = identities.new(store, by, track_id=track, code=code, traits=traits, mother=mother, flanks=flanks)
    return identities.read_registry(store).individuals[made.number].code


def _file(result: AnalysisResult) -> FileSeen:
    path = result.footage.path
    return FileSeen(path, result.footage.size_bytes, 0, hashlib.sha256(str(path).encode()).hexdigest())


def _result(seed: int, number: int, filmed: Filmed) -> AnalysisResult:
    path = Path(f"/simulated/{seed}/{filmed.deployment.deployment_id}/IMG_{number:05}.MP4")
    media_id = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    return AnalysisResult(
        footage=Footage(path, media_id, 1_000_000, filmed.deployment, _captured(filmed)),
        key=KEY,
        info=VideoInfo("mp4", "h264", 1920, 1080, 600, SECONDS, 30.0),
        report=DecodeReport(600, SECONDS, 0, 0.04),
        tracks=tuple(_track(place, len(filmed.shown)) for place in range(1, len(filmed.shown) + 1)),
        bouts=number_bouts([bout for place, one in enumerate(filmed.shown, start=1) for bout in _bouts(place, one)]),
        indicators=tuple(
            replace(one, track=place) for place, shown in enumerate(filmed.shown, start=1) for one in shown.indicators
        ),
        seconds=1.0,
    )


def _captured(filmed: Filmed) -> CaptureTime | None:
    if not filmed.dated:
        return None
    zone = filmed.deployment.zone
    clock = filmed.at.astimezone(parse_zone(zone)).replace(tzinfo=None)
    return CaptureTime(filmed.at, clock, "QuickTime:creation_time", zone, 0.0)


def _track(number: int, animals: int) -> TrackSummary:
    """Animals side by side, so that each sighting finds its own track by place."""
    width = 0.9 / animals
    box = (0.05 + (number - 1) * width, 0.4, width * 0.8, 0.3)
    places = tuple((SECONDS * step / 10, *box) for step in range(11))
    return TrackSummary(number, Kind.ANIMAL, 0.95, SPECIES, 0.9, {SPECIES: 0.9}, 0.0, SECONDS, 600, 0.9, 0.3, places)


def _bouts(track: int, shown: Shown) -> list[Bout]:
    found, at = [], 0.0
    for behaviour, seconds in shown.behaviours:
        end = min(SECONDS, at + seconds)
        if end > at:
            found.append(Bout(track, behaviour, at, end, 0.8, at == 0.0, end == SECONDS, "simulated"))
        at = end
    return found
