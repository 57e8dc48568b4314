"""Single pictures on their way into a film: upright, square pixels, one pixel format; letterboxed; as a JPEG."""

import math
from collections.abc import Sequence
from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from pipeline.video.colour import in_standard_range
from pipeline.video.decode import square_size

Plane = NDArray[np.uint8]

PIXEL_FORMAT = "yuv420p"  # what every player and browser takes
BLACK = (16, 128, 128)  # Y, U, V in limited range (ITU-R BT.709, section 3)
HD_LINES = 720  # from here up, pictures without a colour tag are taken as BT.709, below as BT.601, as players do
UNTAGGED = 2  # AVCOL_SPC_UNSPECIFIED


def upright(picture: av.VideoFrame, rotation: int = 0, pixel_aspect: Fraction = Fraction(1)) -> av.VideoFrame:
    """The picture as a person should see it, in limited-range yuv420p with even sides, square pixels, plain colours.

    A picture that is so already comes back as it is, uncopied. Pixels that are not square are stretched the way that
    loses none; an odd last row or column is cut off, because halved colour planes need even sides.

    Args:
        picture: as decoded, in any pixel format.
        rotation: degrees counter-clockwise by which it must be turned: 0, 90, 180 or 270.
        pixel_aspect: width over height of one pixel, before the turn.
    """
    width, height = square_size(picture.width, picture.height, pixel_aspect)
    picture = in_standard_range(picture, width, height)
    plain = picture if _is_plain(picture, width, height) else _converted(picture, width, height)
    if rotation == 0 and width % 2 == 0 and height % 2 == 0:
        return plain
    turned = [np.rot90(plane, rotation // 90) for plane in planes(plain)]
    height, width = (side // 2 * 2 for side in turned[0].shape)
    sides = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    return _assembled([plane[:h, :w] for plane, (h, w) in zip(turned, sides, strict=True)], like=plain)


def cropped(picture: av.VideoFrame, top: float, bottom: float) -> av.VideoFrame:
    """The picture without a strip above and one below: halved colour planes need even heights, so a row more may go.

    Args:
        picture: upright, in yuv420p.
        top: share of the height to cut off above.
        bottom: the same below; both together less than 1.
    """
    first, below = (2 * math.ceil(round(picture.height * share / 2, 6)) for share in (top, bottom))
    last = picture.height - below
    if (first, last) == (0, picture.height):
        return picture
    kept = [plane[first // part : last // part] for plane, part in zip(planes(picture), (1, 2, 2), strict=True)]
    return _assembled(kept, like=picture)


def letterbox(picture: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    """The whole picture, as large as it fits into `width` x `height` pixels, on black, in BT.709 colours.

    Args:
        picture: upright, with square pixels.
        width: pixels, even.
        height: pixels, even.
    """
    scale = min(width / picture.width, height / picture.height)
    inner_width = max(2, min(width, 2 * round(picture.width * scale / 2)))
    inner_height = max(2, min(height, 2 * round(picture.height * scale / 2)))
    tag = picture.colorspace
    if tag == UNTAGGED:
        tag = Colorspace.ITU709 if picture.height >= HD_LINES else Colorspace.ITU601
    inner = _converted(picture, inner_width, inner_height, source_colours=tag, colours=Colorspace.ITU709)
    if (inner_width, inner_height) == (width, height):
        return inner
    left, top = (width - inner_width) // 4 * 2, (height - inner_height) // 4 * 2
    canvas = []
    for plane, black, part in zip(planes(inner), BLACK, (1, 2, 2), strict=True):
        ground = np.full((height // part, width // part), black, np.uint8)
        ground[top // part : top // part + plane.shape[0], left // part : left // part + plane.shape[1]] = plane
        canvas.append(ground)
    return _assembled(canvas, like=inner)


def planes(picture: av.VideoFrame) -> list[Plane]:
    """Views, not copies, of the Y, U and V planes of a yuv420p picture: one (h, w) array and two of half the size."""
    return [
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in picture.planes
    ]


def jpeg(picture: av.VideoFrame, longest_px: int, quality: int = 88) -> bytes:
    """A picture as a JPEG without any metadata, reduced to at most `longest_px` on its longer side.

    Args:
        picture: upright, with square pixels.
        longest_px: pixels; smaller pictures are not enlarged.
        quality: 0..100, JPEG's own scale.
    """
    scale = min(1.0, longest_px / max(picture.width, picture.height))
    bgr = picture.to_ndarray(
        format="bgr24",
        width=max(1, round(picture.width * scale)),
        height=max(1, round(picture.height * scale)),
        interpolation="AREA",
    )
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()


def _is_plain(picture: av.VideoFrame, width: int, height: int) -> bool:
    # The scaler would copy a picture whose range is untagged; untagged yuv420p is limited range by convention.
    return (
        picture.format.name == PIXEL_FORMAT
        and picture.color_range != ColorRange.JPEG
        and (picture.width, picture.height) == (width, height)
    )


def _converted(
    picture: av.VideoFrame, width: int, height: int, source_colours: int | None = None, colours: int | None = None
) -> av.VideoFrame:
    return picture.reformat(
        width,
        height,
        PIXEL_FORMAT,
        src_colorspace=source_colours,
        dst_colorspace=colours,
        interpolation="AREA" if width < picture.width else "BICUBIC",
        dst_color_range=ColorRange.MPEG,
        threads=1,  # the same bytes on any machine
    )


def _assembled(parts: Sequence[Plane], like: av.VideoFrame) -> av.VideoFrame:
    height, width = parts[0].shape
    flat = np.concatenate([part.reshape(-1) for part in parts]).reshape(height * 3 // 2, width)
    picture = av.VideoFrame.from_ndarray(flat, format=PIXEL_FORMAT)
    picture.color_range = ColorRange.MPEG
    picture.colorspace = like.colorspace
    picture.color_primaries = like.color_primaries
    picture.color_trc = like.color_trc
    return picture
