"""Made-up videos and what an analysis might find in them, for the tests of the store."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.store.ledger import record_files
from pipeline.store.open import Store
from pipeline.store.result import AnalysisKey, AnalysisResult, FileSeen, TrackSummary, number_bouts
from pipeline.store.results import save_analysis
from pipeline.values import (
    Bout,
    CaptureTime,
    Clip,
    ClipQuality,
    DecodeReport,
    Deployment,
    Footage,
    Indicator,
    Kind,
    VideoInfo,
)

KEY = AnalysisKey("1.0", {"detector": "aa", "species": "bb"}, "cc")
RIVER = Deployment(
    "river-2026", "river", 43.1, 131.5, None, None, "Asia/Vladivostok", camera_id="cam-1", tags=("pool",)
)
LEFT, RIGHT = (0.05, 0.4, 0.3, 0.3), (0.65, 0.4, 0.3, 0.3)


def seen(path, content=None, **fields):
    sha256 = hashlib.sha256((content or str(path)).encode()).hexdigest()
    return FileSeen(Path(path), 1000, 5, **{"sha256": sha256, **fields})


def captured(at=datetime(2026, 3, 1, 12, tzinfo=UTC), zone="Asia/Vladivostok"):
    clock = (at + timedelta(hours=10)).replace(tzinfo=None)
    return CaptureTime(at, clock, "QuickTime:creation_time", zone, 0.0)


def footage(path, content=None, *, deployment=RIVER, time=None):
    media_id = seen(path, content).media_id
    return Footage(Path(path), media_id, 1000, deployment, time if time is not None else captured(), ())


def animal(number, box=LEFT, start_s=0.0, end_s=20.0, *, species="leopard", kind=Kind.ANIMAL):
    places = tuple((start_s + i * (end_s - start_s) / 10, *box) for i in range(11))
    return TrackSummary(number, kind, 0.9, species, 0.8, {species: 0.8}, start_s, end_s, 300, 0.7, box[3], places)


def doing(behaviour, track=1, start_s=0.0, end_s=10.0, probability=0.7):
    return Bout(track, behaviour, start_s, end_s, probability, False, False, f"looks like {behaviour}")


def found(video, tracks=(), bouts=(), indicators=(), *, key=KEY, clips=True):
    """A result whose every bout has a clip, under names that hold the analysis' id."""
    folder = Path("clips") / key.analysis_id(video.media_id)
    quality = ClipQuality(0.3, 0.6, 0.9)
    numbered = number_bouts(bouts)
    if clips:
        numbered = tuple(
            replace(
                one,
                clip=Clip(
                    folder / f"{one.bout.track}.{one.number}.mp4",
                    folder / f"{one.bout.track}.{one.number}.jpg",
                    max(one.bout.start_s - 2, 0),
                    one.bout.end_s + 2,
                    quality,
                ),
            )
            for one in numbered
        )
    return AnalysisResult(
        footage=video,
        key=key,
        info=VideoInfo("mp4", "h264", 1920, 1080, 600, 20.0, 30.0),
        report=DecodeReport(598, 19.9, 2, 0.1, "2 damaged packets"),
        tracks=tuple(tracks),
        bouts=numbered,
        indicators=tuple(indicators),
        seconds=3.5,
        boxes_path=Path(f"boxes/{key.analysis_id(video.media_id)}.parquet") if tracks else None,
    )


def stored(store: Store, result: AnalysisResult):
    """Record the file of a result, then the result; what save_analysis gives back."""
    record_files(store, [seen(result.footage.path)])
    return save_analysis(store, result)


def two_animals(path="/card/IMG_0001.MP4", **fields):
    """A leopard on the left that travels then plays, one on the right that rests."""
    return found(
        footage(path, **fields),
        [animal(1, LEFT), animal(2, RIGHT)],
        [doing("travel", 1, 0, 8), doing("play", 1, 8, 20, 0.6), doing("rest", 2, 0, 20, 0.9)],
        [
            Indicator(1, "speed", "body lengths/s", 0.8, 6.0, "", 7, 0.4, True, 0.9),
            Indicator(2, "speed", "body lengths/s", None, 0.0, "it lay"),
        ],
    )
