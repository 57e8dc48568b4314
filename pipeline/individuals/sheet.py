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

WIDTH = 320  # of a picture on the page, pixels
GAP = 12
MOST_LINES = 40  # more hide the coats
_KINDS = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp"}

_STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 1.5rem; color: #1a1a1a; background: #fff; }
h1 { font-size: 1.3rem; margin: 0 0 .3rem; } p { margin: .2rem 0 1rem; max-width: 60rem; }
.candidates { display: flex; flex-wrap: wrap; gap: 1.2rem; margin-bottom: 1.2rem; }
figure { margin: 0; padding: .7rem; border: 1px solid #bbb; border-radius: 4px; width: 320px; }
figcaption { margin-bottom: .5rem; } figcaption b { font-size: 1.1rem; }
svg { display: block; width: 100%; height: auto; }
dl { margin: .5rem 0 0; display: grid; grid-template-columns: auto 1fr; gap: 0 .6rem; }
dt { color: #555; } dd { margin: 0; } code { background: #f0f0f0; padding: .1rem .3rem; overflow-wrap: anywhere; }
.none { padding: 3rem 1rem; text-align: center; color: #555; background: #f4f4f4; }
"""


@dataclass(frozen=True, slots=True)
class Beside:
    """One candidate, as the page shows it."""

    code: str
    score: float
    query: Path | None  # the picture of the animal in question
    known: Path | None  # the picture of the candidate that resembles it most
    points: tuple[PointPair, ...]
    facts: tuple[tuple[str, str], ...]  # what to know of it, in words


def sheet(track_id: str, about: str, candidates: Sequence[Beside]) -> str:
    """The page as HTML.

    Args:
        track_id: of the animal in question.
        about: where and when it was filmed, in words.
        candidates: best first.

    Raises:
        StoreError: a picture cannot be read.
    """
    figures = "\n".join(_figure(rank, one) for rank, one in enumerate(candidates, start=1))
    if not candidates:
        figures = '<p class="none">Nothing known resembles it.</p>'
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Candidates for {escape(track_id)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>
<body><h1>Who is in track {escape(track_id)}?</h1>
<p>{escape(about[:1].upper() + about[1:])}. Above: the animal in question; below: the known one. Lines join spots that
a machine took for the same; it can be wrong, and nothing is decided until you say so.</p>
<div class="candidates">
{figures}
</div>
<p>It is one of them: <code>ethotrap individuals confirm {escape(track_id)} CODE</code><br>
It is not that one: <code>ethotrap individuals reject {escape(track_id)} CODE</code><br>
It is another animal: <code>ethotrap individuals new --track {escape(track_id)}</code></p>
</body></html>
"""


def write_sheet(out: Path, page: str) -> None:
    """Write a page.

    Raises:
        StoreError: the file cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write the sheet {out}: {error.strerror or error}; choose another place") from error


def _figure(rank: int, one: Beside) -> str:
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in one.facts)
    return (
        f"<figure><figcaption>{rank}. <b>{escape(one.code)}</b>, score {one.score:.3g}</figcaption>"
        f"{_pictures(one)}<dl>{facts}</dl></figure>"
    )


def _pictures(one: Beside) -> str:
    """Both pictures one above the other, at one width, with the matched points joined."""
    if one.query is None or one.known is None:
        return '<div class="none">There is no picture to compare.</div>'
    parts, tops, heights = [], [], []
    top = 0.0
    for path in (one.query, one.known):
        data, height = _picture(path)
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
