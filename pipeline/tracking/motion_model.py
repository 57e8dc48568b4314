"""How animals move between two looks, for ByteTrack: they set off, stop and turn within one.

ByteTrack's motion model was made for pedestrians filmed thirty times a second: it believes that a speed hardly changes
and learns it over many pictures. With six looks a second a running leopard has crossed the picture by then, and of two
that run after one another the one behind soon lies where the model still expects the one ahead, so that their tracks
change animals. So here the speed may change quickly. An animal without a box is likelier to have stopped behind
something than to have gone on for long, so what is believed of its speed fades.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ultralytics.trackers.basetrack import TrackState
from ultralytics.trackers.byte_tracker import BYTETracker
from ultralytics.trackers.utils.kalman_filter import KalmanFilterXYAH

# Settled on 219 simulated clips. Heights are those of boxes as they are compared: enlarged.
FIRST_SPEED = 1.5  # box heights/s, spread of the speed across the picture that a new track may have
ACCELERATION = 2.4  # box heights/s^2, spread of its change
LOST_SPEED = 0.5  # share of its speed that an animal without a box is believed to keep from one look to the next

_ACROSS = [4, 5]  # the two of the state's eight numbers that are speeds across the picture, pixels a look


class AnimalMotion(KalmanFilterXYAH):
    """A Kalman filter of boxes in which the place's speed changes quickly; that of the shape stays slow."""

    def __init__(self, step_s: float) -> None:
        """Set it up.

        Args:
            step_s: seconds between two looks.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        self._first = FIRST_SPEED * step_s  # heights a look
        self._change = ACCELERATION * step_s**2

    def initiate(self, measurement: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean (8,) and covariance (8, 8) of a new track.

        Args:
            measurement: (4,) a box's centre, width over height, and height, pixels.
        """
        mean, covariance = super().initiate(measurement)
        covariance[_ACROSS, _ACROSS] = (self._first * measurement[3]) ** 2
        return mean, covariance

    def multi_predict(
        self, mean: NDArray[np.float64], covariance: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same tracks one look later.

        Args:
            mean: (n, 8).
            covariance: (n, 8, 8).
        """
        heights = mean[:, 3]
        mean, covariance = super().multi_predict(mean, covariance)
        covariance[:, _ACROSS, _ACROSS] += (self._change * heights[:, None]) ** 2
        return mean, covariance


class AnimalTracker(BYTETracker):
    """ByteTrack with `AnimalMotion`."""

    def __init__(self, settings: SimpleNamespace, step_s: float) -> None:
        """Set it up.

        Args:
            settings: as ByteTrack wants them.
            step_s: seconds between two looks.
        """
        self._step_s = step_s
        super().__init__(settings)  # type: ignore[no-untyped-call]

    def get_kalmanfilter(self) -> AnimalMotion:
        """The motion model, which ByteTrack asks for."""
        return AnimalMotion(self._step_s)

    def multi_predict(self, tracks: Sequence[Any]) -> None:
        """Move every track on by one look; ByteTrack's own asks a motion model that all its trackers share."""
        for track in tracks:
            if track.state != TrackState.Tracked:
                track.mean[_ACROSS] *= LOST_SPEED
                track.mean[7] = 0  # nor does its height go on changing
        if tracks:
            means, covariances = self.kalman_filter.multi_predict(
                np.stack([track.mean for track in tracks]), np.stack([track.covariance for track in tracks])
            )
            for track, mean, covariance in zip(tracks, means, covariances, strict=True):
                track.mean, track.covariance = mean, covariance
