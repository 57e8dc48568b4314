"""High dynamic range, as phones and drones film it, in the colours that screens, films and networks expect."""

import av
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter

_HIGH = frozenset({ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67})  # called PQ and HLG

# One for the whole process: its table takes seconds to be worked out, once for each kind and size of picture.
_to_standard = VideoReformatter()


def in_standard_range(picture: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    """The picture at that size in 8-bit BT.709 colours (yuv420p, limited range) if its range is high, else as it is.

    Read as if it were of standard range, such a picture is dull, and its oranges are grey.

    Args:
        picture: as decoded.
        width: pixels, of the result if it is a new one.
        height: likewise.
    """
    if picture.color_trc not in _HIGH:
        return picture
    return _to_standard.reformat(
        picture,
        width,
        height,
        "yuv420p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        dst_color_trc=ColorTrc.BT709,
        dst_color_primaries=ColorPrimaries.BT709,
        threads=1,  # the same bytes on any machine
    )
