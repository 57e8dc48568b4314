"""Drawn four-legged walkers whose strides, limp and girth are known, and what there is to observe of them."""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.behaviour.features import measure
from pipeline.health.observed import Observed
from pipeline.tracking.cutouts import HIGH, WIDE
from pipeline.tracking.outlines import measured
from pipeline.values import Array, Bout, Samples

ASPECT = 16 / 9
_FINE = 16  # of cv2's fixed-point pixels


@dataclass(frozen=True)
class Walker:
    """A walker crossing the picture, in lengths of its own height."""

    hz: float = 1.2  # strides a second
    asymmetry: float = 0.0  # of the step intervals of one pair of legs
    pair: str = "fore"
    girth: float = 0.4  # depth of the trunk
    tall: float = 0.2  # heights of the picture
    stride: float = 1.35  # its own heights
    seconds: float = 4.0
    fps: float = 20.0
    goes_left: bool = False
    nears: float = 0.0  # growth a second

    def observed(self, *bouts: Bout) -> Observed:
        """Everything that the indicators ask for."""
        t = np.arange(0, self.seconds, 1 / self.fps)
        tall = self.tall * np.exp(self.nears * t)
        middle = 0.5 + (t - t.mean()) * self.hz * self.stride * self.tall / ASPECT
        boxes = np.stack([middle - tall / ASPECT, 0.8 - tall, 2 * tall / ASPECT, tall], axis=1)
        if self.goes_left:
            boxes[:, 0] = 1 - boxes[:, 0] - boxes[:, 2]
        masks = [self._mask(second) for second in t]
        where = [(x - 0.15 * w, y - 0.4 * h, 1.3 * w, 1.3 * w * ASPECT * HIGH / WIDE) for x, y, w, h in boxes]
        unknown = np.full(len(t), np.nan)
        samples = Samples(t, boxes, np.ones(len(t), dtype=bool), unknown, np.full(len(t), 0.5))
        outlines = measured(masks, where, t, t, boxes)
        return Observed(1, samples, measure(samples, ASPECT), bouts, ASPECT, outlines)

    def _mask(self, second: float) -> np.ndarray:
        """(HIGH, WIDE) 0..1; the animal is 2 heights long, the mask 2.6 heights wide."""
        canvas = np.zeros((HIGH, WIDE), dtype=np.uint8)
        scale = WIDE / 2.6
        ground = scale * 1.4

        def at(x: float, y: float) -> tuple[int, int]:
            return round((WIDE / 2 + x * scale) * _FINE), round((ground - y * scale) * _FINE)

        def size(length: float) -> int:
            return max(round(length * scale * _FINE), 1)

        cv2.ellipse(canvas, at(0, 0.7), (size(0.75), size(self.girth / 2)), 0, 0, 360, 255, -1, cv2.LINE_AA, 4)
        cv2.circle(canvas, at(0.85, 0.82), size(0.16), 255, -1, cv2.LINE_AA, 4)
        for hip, phase in self._legs():
            turn = 2 * np.pi * (self.hz * second + phase)
            paw = 0.25 * np.sin(turn), 0.08 * max(np.cos(turn), 0.0)
            cv2.line(canvas, at(hip, 0.6), at(hip + paw[0], paw[1]), 255, round(0.1 * scale), cv2.LINE_AA, 4)
        if self.goes_left:
            canvas = canvas[:, ::-1]
        return canvas.astype(np.float32) / 255

    def _legs(self) -> list[tuple[float, float]]:
        """Where each leg hangs, and its phase in strides; the lame one's partner keeps time."""
        late = {"hind": 0.0, "fore": 0.0, self.pair: self.asymmetry / 2}
        return [(-0.45, 0.0), (-0.45, 0.5 + late["hind"]), (0.45, 0.25), (0.45, 0.75 + late["fore"])]


def line_of(t: Array, *dips: tuple[float, float], depth: float = 0.2) -> Array:
    """A level line at 1 with dips from a second for so long."""
    line = np.ones(len(t))
    for start, lasts in dips:
        line[(t >= start - 1e-9) & (t < start + lasts - 1e-9)] -= depth
    return line
