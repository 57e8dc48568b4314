"""The same picture seen otherwise: mirrored, nearer, by night, out of focus, noisy, poorly encoded."""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detector.pictures import LEAST_PX, Picture
from pipeline.values import Array

Pixels = NDArray[np.uint8]  # (h, w, 3) blue, green, red
Light = NDArray[np.float32]  # the same, 0 to 255 and beyond
Size = tuple[int, int]  # height, width, pixels

WINDOWED = 0.3  # chance that only a window of it is shown
TRIES = 8  # at a window that cuts through no animal
CUT_OUT, CUT_INTO = 0.05, 0.6  # shares of a box inside a window up to which it is out of it, and from which it counts
PADDING = 114  # grey around a picture of another shape, as Ultralytics pads it


def varied(picture: Picture, chance: np.random.Generator, *, greys: float) -> Picture:
    """The picture, changed by chance in how it is framed, lit and encoded.

    Args:
        picture: one.
        chance: draws how.
        greys: chance that it turns grey, as by infrared light.
    """
    if chance.random() < 0.5:
        picture = mirrored(picture)
    if chance.random() < WINDOWED:
        picture = windowed(picture, chance)
    return Picture(_rendered(picture.pixels, chance, greys), picture.boxes, picture.behaviours)


def mirrored(picture: Picture) -> Picture:
    """Left and right changed for each other."""
    width = picture.pixels.shape[1]
    boxes = picture.boxes[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [width, 0, width, 0]
    return Picture(np.ascontiguousarray(picture.pixels[:, ::-1]), boxes, picture.behaviours)


def windowed(picture: Picture, chance: np.random.Generator) -> Picture:
    """A part of it, mostly around an animal, that cuts none of them badly; all of it where none is found."""
    height, width = picture.pixels.shape[:2]
    for _ in range(TRIES):
        share = chance.uniform(0.4, 0.95)
        wide, high = int(width * share), min(int(height * share * chance.uniform(0.8, 1.25)), height)
        centre = chance.uniform(0, 1, 2) * [width, height]
        if not picture.is_empty and chance.random() < 0.8:
            box = picture.boxes[chance.integers(len(picture.boxes))]
            centre = (box[:2] + box[2:]) / 2 + chance.uniform(-0.25, 0.25, 2) * [wide, high]
        left = int(np.clip(centre[0] - wide / 2, 0, width - wide))
        top = int(np.clip(centre[1] - high / 2, 0, height - high))
        moved = picture.boxes - [left, top, left, top]
        inside = np.clip(moved, 0, [wide, high, wide, high])
        share_inside = _areas(inside) / np.maximum(_areas(moved), 1e-9)
        if not ((share_inside > CUT_OUT) & (share_inside < CUT_INTO)).any():
            kept = share_inside >= CUT_INTO
            behaviours = tuple(one for one, keep in zip(picture.behaviours, kept, strict=True) if keep)
            return Picture(picture.pixels[top : top + high, left : left + wide], inside[kept], behaviours)
    return picture


def _areas(boxes: Array) -> Array:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))


def _rendered(pixels: Pixels, chance: np.random.Generator, greys: float) -> Pixels:
    grey = chance.random() < greys
    light: Light = pixels.astype(np.float32)
    if grey:
        light = np.repeat(np.asarray(cv2.cvtColor(light, cv2.COLOR_BGR2GRAY), dtype=np.float32)[..., None], 3, axis=2)
    if chance.random() < 0.6:
        light = np.power(light / 255, float(np.exp(chance.uniform(-0.6, 0.6))), dtype=np.float32) * 255
    if chance.random() < 0.6:
        contrast, brightness = chance.uniform([0.45, 0.5], 1.2)
        middle = float(light.mean())
        light = (light - np.float32(middle)) * np.float32(contrast) + np.float32(middle * brightness)
    if grey and chance.random() < 0.6:
        light = light * _lamp(light.shape[:2], chance)[..., None]
    if chance.random() < 0.4:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), float(chance.uniform(0.4, 1.6))), dtype=np.float32)
    if chance.random() < 0.5:
        grain = chance.standard_normal((*light.shape[:2], 1 if grey else 3), dtype=np.float32)
        light = light + grain * np.float32(chance.uniform(2, 14))
    rendered = np.clip(light, 0, 255).astype(np.uint8)
    if chance.random() < 0.5:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(15, 80))]
        rendered = np.asarray(
            cv2.imdecode(cv2.imencode(".jpg", rendered, quality)[1], cv2.IMREAD_COLOR), dtype=np.uint8
        )
    return np.ascontiguousarray(rendered)


def _lamp(size: Size, chance: np.random.Generator) -> Light:
    """(h, w) how brightly a trap's own lamp lights each pixel: most in the middle."""
    down, across = np.mgrid[: size[0], : size[1]] / [[[size[0]]], [[size[1]]]]
    middle, reach = chance.uniform([0.4, 0.3], [0.9, 0.7]), chance.uniform(0.35, 0.9)
    far = np.hypot(down - middle[0], across - middle[1])
    return np.asarray(1.25 * np.exp(-((far / reach) ** 2)) + 0.15, dtype=np.float32)


def fitted(picture: Picture, size: Size) -> Picture:
    """Scaled into `size` without changing its shape, with grey around it, as the detector is given it.

    Boxes that are too small by then are left out.
    """
    height, width = picture.pixels.shape[:2]
    scale = min(size[0] / height, size[1] / width)
    rows, columns = round(height * scale), round(width * scale)
    top, left = round((size[0] - rows) / 2 - 0.1), round((size[1] - columns) / 2 - 0.1)
    padded = np.full((*size, 3), PADDING, dtype=np.uint8)
    padded[top : top + rows, left : left + columns] = cv2.resize(picture.pixels, (columns, rows))
    boxes = picture.boxes * scale + [left, top, left, top]
    kept = (boxes[:, 2:] - boxes[:, :2] > LEAST_PX).all(axis=1)
    behaviours = tuple(one for one, keep in zip(picture.behaviours, kept, strict=False) if keep)
    return Picture(padded, boxes[kept], behaviours)
