"""Painted animals: a body with legs, a tail at one end, and rosettes that a seed decides."""

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 480, 260
BOX = (0.05, 0.08, 0.9, 0.86)

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def outline(faces: str) -> Mask:
    """A cat from the side that faces left or right."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(mask, (240, 110), (150, 62), 0, 0, 360, 1, -1)
    cv2.ellipse(mask, (400, 75), (45, 38), 0, 0, 360, 1, -1)
    for x in (130, 180, 310, 350):
        cv2.rectangle(mask, (x, 120), (x + 24, 240), 1, -1)
    cv2.polylines(mask, [np.array([[110, 100], [60, 150], [26, 160]], np.int32)], False, 1, 12)
    return np.asarray(mask[:, :: 1 if faces == "right" else -1] > 0)


def paint(seed: int, faces: str = "right") -> tuple[Picture, Mask]:
    """An animal on grass. Another seed has another coat; the flank in view is the side that it faces."""
    random = np.random.default_rng([seed, faces == "right"])
    mask = outline(faces)
    picture = np.full((HEIGHT, WIDTH, 3), (60, 110, 80), np.float32)
    picture += cv2.GaussianBlur(random.normal(0, 60, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 2)[..., None]
    coat = np.full((HEIGHT, WIDTH, 3), (110, 160, 200), np.float32)
    for y in range(10, HEIGHT, 22):
        for x in range(10, WIDTH, 22):
            middle = (int(x + random.uniform(-7, 7)), int(y + random.uniform(-7, 7)))
            size = (int(random.uniform(5, 10)), int(random.uniform(4, 8)))
            start = random.uniform(0, 360)
            cv2.ellipse(
                coat, middle, size, random.uniform(0, 180), start, start + random.uniform(150, 350), (30, 40, 50), 3
            )
    shade = np.linspace(1.1, 0.8, HEIGHT, dtype=np.float32)[:, None, None]
    picture = np.where(mask[..., None], coat * shade, picture)
    picture += random.normal(0, 4, picture.shape)
    return np.asarray(picture.clip(0, 255), np.uint8), mask


def seen_anew(picture: Picture, mask: Mask, seed: int) -> tuple[Picture, Mask]:
    """The same animal from elsewhere, in infrared, out of focus and smaller."""
    random = np.random.default_rng([seed, 99])
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    moved = corners + random.uniform(-0.08, 0.08, (4, 2)).astype(np.float32) * (WIDTH, HEIGHT) + (60, 40)
    shape = cv2.getPerspectiveTransform(corners, (0.8 * moved).astype(np.float32))
    size = (WIDTH, HEIGHT)
    picture = cv2.warpPerspective(picture, shape, size)
    mask = cv2.warpPerspective(mask.astype(np.uint8), shape, size, flags=cv2.INTER_NEAREST) > 0
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (0, 0), 1.2)
    grey = (grey * 0.5 + 30 + random.normal(0, 3, grey.shape)).clip(0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2), np.asarray(mask)
