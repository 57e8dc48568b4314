"""A leopard filmed in high dynamic range is as orange as any other."""

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter

from pipeline.highlights.pictures import upright
from pipeline.video.decode import open_video, upright_bgr
from tests.video.filming import Picture

ORANGE, GREEN = (30, 150, 240), (60, 110, 80)
WIDTH, HEIGHT = 96, 64


@pytest.fixture
def leopard() -> Picture:
    """(HEIGHT, WIDTH, 3) blue, green, red: orange on green."""
    picture = np.full((HEIGHT, WIDTH, 3), GREEN, np.uint8)
    picture[16:48, 24:72] = ORANGE
    return picture


def phone_video(path: Path, picture: Picture, transfer: ColorTrc) -> Path:
    """Three such pictures in 10-bit HEVC, as a phone writes them."""
    plain = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )
    plain.color_trc, plain.color_primaries = ColorTrc.BT709, ColorPrimaries.BT709
    shown = VideoReformatter().reformat(
        plain,
        format="yuv420p10le",
        dst_colorspace=Colorspace.BT2020,
        dst_color_range=ColorRange.MPEG,
        dst_color_trc=transfer,
        dst_color_primaries=ColorPrimaries.BT2020,
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265", rate=25, options={"x265-params": "log-level=none", "crf": "10"})
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p10le"
        context.colorspace, context.color_range = Colorspace.BT2020, ColorRange.MPEG
        context.color_trc, context.color_primaries = transfer, ColorPrimaries.BT2020
        for number in range(3):
            shown.pts = number
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("transfer", [ColorTrc.ARIB_STD_B67, ColorTrc.SMPTE2084])
def test_a_phone_video_has_plain_colours_for_networks_and_for_people(
    tmp_path: Path, leopard: Picture, transfer: ColorTrc
) -> None:
    with open_video(phone_video(tmp_path / "phone.mov", leopard, transfer)) as video:
        pictures = [frame.picture for frame in video.frames()]
    assert pictures[0].color_trc == transfer

    for picture in pictures:
        seen = upright_bgr(picture, WIDTH)
        shown = upright(picture)
        assert (shown.format.name, shown.color_trc, shown.colorspace) == ("yuv420p", ColorTrc.BT709, Colorspace.ITU709)
        for found in (seen, shown.to_ndarray(format="bgr24")):
            assert found[32, 48] == pytest.approx(ORANGE, abs=12)
            assert found[4, 4] == pytest.approx(GREEN, abs=12)
