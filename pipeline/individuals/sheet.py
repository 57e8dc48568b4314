"""A page that sets an animal beside its candidates, for a person to judge: one HTML file that needs nothing else.

Pictures are inside the file; matched points are joined by lines. The page proposes and decides nothing.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import cv2
import numpy as np

from pipeline.errors import StoreError
from pipeline.individuals.proposing import PointPair
from pipeline.page import page

WIDTH = 320  # of a picture on the page, pixels
GAP = 12
MOST_LINES = 40  # more hide the coats
_KINDS = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp"}

_STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 1.5rem; color: #1a1a1a; background: #fff; }
h1 { font-size: 1.3rem; margin: 0 0 .3rem; } h2 { font-size: 1.1rem; } p { margin: .2rem 0 1rem; max-width: 60rem; }
.candidates { display: flex; flex-wrap: wrap; gap: 1.2rem; margin-bottom: 1.2rem; }
figure { margin: 0; padding: .7rem; border: 1px solid #bbb; border-radius: 4px; width: 344px; box-sizing: border-box;
  max-width: 100%; break-inside: avoid; }
figcaption { margin-bottom: .5rem; } figcaption b { font-size: 1.1rem; }
svg, img { display: block; width: 100%; height: auto; }
dl { margin: .5rem 0 0; display: grid; grid-template-columns: auto 1fr; gap: 0 .6rem; }
dt { color: #555; } dd { margin: 0; } code { background: #f0f0f0; padding: .1rem .3rem; overflow-wrap: anywhere; }
h2, h2 + p { break-after: avoid; } @media print { body { margin: 0; } figure { width: 44%; } }
.none { padding: 3rem 1rem; text-align: center; color: #555; background: #f4f4f4;
  overflow-wrap: anywhere; }
"""


@dataclass(frozen=True, slots=True)
class Crop:
    """One good picture of an animal."""

    picture: Path
    track: str
    words: str  # what it shows


@dataclass(frozen=True, slots=True)
class Beside:
    """One candidate, as the page shows it."""

    code: str
    score: float
    probability: float | None  # 0..1; None if nobody said
    query: Path | None  # the picture of the animal in question
    known: Path | None  # the picture of the candidate that resembles it most
    points: tuple[PointPair, ...]
    facts: tuple[tuple[str, str], ...]  # what to know of it, in words


def sheet(
    track_id: str, about: str, candidates: Sequence[Beside], verdict: str = "", crops: Sequence[Crop] = ()
) -> str:
    """The page as HTML.

    Args:
        track_id: of the animal in question.
        about: where and when it was filmed, in words.
        candidates: best first.
        verdict: how likely it is one of them, in words; empty if nobody said.
        crops: the best pictures of it. One that cannot be read is named in its place.
    """
    figures = "\n".join(_figure(rank, one) for rank, one in enumerate(candidates, start=1))
    if not candidates:
        figures = '<p class="none">Nothing known resembles it.</p>'
    title = f"Who is in track {track_id}?"
    return _page(
        title,
        f"""<p>{escape(about[:1].upper() + about[1:])}. Above: the animal in question; below: the known one. Lines join
spots that a machine took for the same; it can be wrong, and nothing is decided until you say so.</p>
<p><b>{escape(verdict)}</b></p>
<div class="candidates">
{figures}
</div>
<p>It is one of them: <code>ethotrap individuals confirm {escape(track_id)} CODE</code><br>
It is not that one: <code>ethotrap individuals reject {escape(track_id)} CODE</code><br>
It is another animal: <code>ethotrap individuals new --track {escape(track_id)}</code></p>
{_gallery(crops)}""",
    )


def crop_page(title: str, crops: Sequence[Crop]) -> str:
    """A page of the best pictures of one animal, as HTML.

    Args:
        title: whom they show.
        crops: in the order to be shown. One that cannot be read is named in its place.
    """
    return _page(title, _gallery(crops) or '<p class="none">There is no picture of it.</p>')


def _page(title: str, body: str) -> str:
    return page(title, _STYLE, f"<h1>{escape(title)}</h1>\n{body}")


def _gallery(crops: Sequence[Crop]) -> str:
    """The best pictures, and how to keep what a person sees on them."""
    if not crops:
        return ""
    figures = []
    for crop in crops:
        caption = f"<figcaption>{escape(crop.words)}<br><code>{escape(crop.track)}</code></figcaption>"
        try:
            shown = f'<img src="{_picture(crop.picture)[0]}" alt="{escape(crop.words)}">'
        except StoreError as error:
            shown = _none(str(error))
        figures.append(f"<figure>{caption}{shown}</figure>")
    return f"""<h2>Is it well?</h2>
<p>The best pictures. What you see stays with the sighting, whoever the animal is:
<code>ethotrap individuals tag {escape(crops[0].track)} mange wound "kinked tail" "missing limb"</code></p>
<div class="candidates">
{"".join(figures)}
</div>"""


def _figure(rank: int, one: Beside) -> str:
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in one.facts)
    likely = "" if one.probability is None else f", probability {one.probability:.2f}"
    return (
        f"<figure><figcaption>{rank}. <b>{escape(one.code)}</b>, score {one.score:.3g}{likely}</figcaption>"
        f"{_pictures(one)}<dl>{facts}</dl></figure>"
    )


def _pictures(one: Beside) -> str:
    """Both pictures one above the other, at one width, with the matched points joined."""
    if one.query is None or one.known is None:
        return _none("There is no picture to compare.")
    try:
        pictures = [_picture(path) for path in (one.query, one.known)]
    except StoreError as error:
        return _none(str(error))
    parts, tops, heights = [], [], []
    top = 0.0
    for data, height in pictures:
        parts.append(f'<image href="{data}" x="0" y="{top:.1f}" width="{WIDTH}" height="{height:.1f}"/>')
        tops.append(top)
        heights.append(height)
        top += height + GAP
    for number, (x, y, u, v) in enumerate(one.points[:MOST_LINES]):
        ends = (x * WIDTH, tops[0] + y * heights[0], u * WIDTH, tops[1] + v * heights[1])
        parts.append(_line(number, *ends))
    label = f"the animal in question above {one.code}, with {min(len(one.points), MOST_LINES)} matched points"
    box = f'viewBox="0 0 {WIDTH} {top - GAP:.1f}"'
    return f'<svg {box} role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'


def _none(why: str) -> str:
    return f'<div class="none">{escape(why)}</div>'


def _line(number: int, x: float, y: float, u: float, v: float) -> str:
    """A pair of points and the line between; neighbours in colour differ, and a dark rim shows on any coat."""
    colour = f"hsl({number * 137 % 360} 90% 60%)"
    path = f'x1="{x:.1f}" y1="{y:.1f}" x2="{u:.1f}" y2="{v:.1f}"'
    dots = "".join(
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}" stroke="#000" stroke-width=".8"/>'
        for a, b in ((x, y), (u, v))
    )
    rim = f'<line {path} stroke="#000" stroke-width="2.4" opacity=".5"/>'
    return f'{rim}<line {path} stroke="{colour}" stroke-width="1.2"/>{dots}'


def _picture(path: Path) -> tuple[str, float]:
    """A picture as text that a page can hold, and its height on the page."""
    kind = _KINDS.get(path.suffix.lower())
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(
            f"cannot read the picture {path}: {error.strerror or error}; analyse its video again to remake it"
        ) from error
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if kind is None or image is None:
        raise StoreError(f"{path} is no picture; analyse its video again to remake it")
    height, width = image.shape[:2]
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}", WIDTH * height / width
