"""Per-frame boxes: one Parquet file a video, which DuckDB, Polars, R and pandas read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.errors import StoreError
from pipeline.values import Track
from pipeline.whole_file import whole_file

SCHEMA = {
    "track": pl.Int32,
    "frame": pl.Int64,
    "t": pl.Float64,
    "x": pl.Float32,
    "y": pl.Float32,
    "w": pl.Float32,
    "h": pl.Float32,
    "seen": pl.Boolean,
    "score": pl.Float32,
}


def write_boxes(path: Path, tracks: Sequence[Track]) -> None:
    """Write every box of every track, by track and frame; an older file of that name is replaced in one step.

    Args:
        path: the file; its folder is made.
        tracks: of one video; none gives a file without rows.

    Raises:
        StoreError: the file cannot be written.
    """
    frame = pl.concat([pl.DataFrame(schema=SCHEMA), *(_table(track) for track in tracks)]).sort("track", "frame")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as partial:
            frame.write_parquet(partial, compression="zstd")
    except (OSError, pl.exceptions.PolarsError) as error:  # a full disk is one of Polars' own errors
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise StoreError(
            f"cannot write the boxes to {path}: {reason}; check that the disk has room and the folder allows writing"
        ) from error


def read_boxes(path: Path) -> pl.DataFrame:
    """Boxes as written: track, frame, t in seconds, x, y, w, h as shares of the picture, seen, score (null if filled).

    Raises:
        StoreError: there is no such file, or it is no Parquet file of ours.
    """
    try:
        return pl.read_parquet(path, columns=list(SCHEMA))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StoreError(f"cannot read the boxes in {path}: {error}; analyse the video again to remake them") from error


def _table(track: Track) -> pl.DataFrame:
    x, y, w, h = track.boxes.T
    columns = {
        "track": np.full(len(track.t), track.number),
        "frame": track.frame,
        "t": track.t,
        "x": x,
        "y": y,
        "w": w,
        "h": h,
        "seen": track.seen,
        "score": track.score,
    }
    return pl.DataFrame(columns).cast(pl.Schema(SCHEMA)).with_columns(pl.col("score").fill_nan(None))
