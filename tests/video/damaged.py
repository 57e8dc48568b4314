"""Reads a video in another process, where a crash of the decoder costs nothing."""

from pathlib import Path

from pipeline.errors import VideoError
from pipeline.video.decode import open_video


def times_of(path: Path) -> list[float] | str:
    """Every picture's time in seconds, or the message of the error with which the file was refused."""
    try:
        with open_video(path) as video:
            return [frame.t for frame in video.frames()]
    except VideoError as error:
        return str(error)
