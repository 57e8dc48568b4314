"""How well coats are told apart: on photos of real leopards, and on simulated ones.

    python -m models.evaluate.identity photos FOLDER
    python -m models.evaluate.identity simulated FOLDER

The first folder holds photos and boxes.csv (file, x1, y1, x2, y2 as shares), the second one a set that
`python -m models.simulate.coat_set` wrote. Figures go to standard output.
"""

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ConfigError
from pipeline.individuals.calibration import read_calibration
from pipeline.individuals.identify import log_odds
from pipeline.individuals.matching import Gallery, KnownView, Match, build_gallery, match
from pipeline.individuals.outline import cut_out
from pipeline.individuals.pattern import Pattern, describe
from pipeline.individuals.views import view_quality

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Box = tuple[float, float, float, float]
FLANKS = ("left", "right")
SHRINKINGS = (1.0, 2.0, 4.0)  # of simulated queries; a body of 400 pixels is then 400, 200 and 100 long
QUALITIES = ((0.8, "0.8 and more"), (0.65, "0.65 to 0.8"), (0.0, "below 0.65"))
CHANCES = (0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One view whose truth is known."""

    individual: str
    name: str
    flank: str
    infrared: bool
    query: bool
    to_right: float
    picture: Picture
    mask: Mask


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one query, with its individual in the gallery and without."""

    individual: str
    group: str
    flank: str
    quality: float  # 0..1
    features: int
    rank: int | None  # of the right individual, 1 is best; None if it is not among the candidates
    right: tuple[float, int]  # score and inliers of the right individual, 0 if not found
    wrong: tuple[float, int]  # the same of the best other individual; those of the same photo are left out
    wrong_name: str


def answers(queries: Iterable[tuple[str, View, Pattern]], galleries: dict[str, Gallery]) -> list[Answer]:
    """Ask the gallery of its own flank about each query; the first element names its group."""
    found = []
    for group, view, pattern in queries:
        ranked = match(pattern, galleries[view.flank])
        names = [one.individual for one in ranked]
        rank = names.index(view.individual) + 1 if view.individual in names else None
        right = ranked[rank - 1] if rank else None
        wrong = next((one for one in ranked if _source(one.individual) != _source(view.individual)), None)
        quality = view_quality(view.picture, _box_of(view.mask), view.mask).total if view.mask.any() else 0.0
        found.append(
            Answer(
                individual=view.individual,
                group=group,
                flank=view.flank,
                quality=quality,
                features=len(pattern),
                rank=rank,
                right=_of(right),
                wrong=_of(wrong),
                wrong_name=wrong.individual if wrong else "",
            )
        )
    return found


def table(found: Sequence[Answer], head: str, group_of: Callable[[Answer], str]) -> str:
    """Rows of top-1, top-5, and both kinds of score by group, as Markdown."""
    rows = [
        f"| {head} | queries | top-1 | top-5 | median score, right | highest score, wrong |",
        "|---|---|---|---|---|---|",
    ]
    for group in dict.fromkeys(group_of(answer) for answer in found):
        mine = [answer for answer in found if group_of(answer) == group]
        first = np.mean([answer.rank == 1 for answer in mine])
        five = np.mean([answer.rank is not None and answer.rank <= 5 for answer in mine])
        right, wrong = np.median([a.right[0] for a in mine]), max(a.wrong[0] for a in mine)
        rows.append(f"| {group} | {len(mine)} | {first:.3f} | {five:.3f} | {right:.2f} | {wrong:.2f} |")
    return "\n".join(rows)


def quality_of(answer: Answer) -> str:
    """In words, how good the query's view is."""
    return next(words for least, words in QUALITIES if answer.quality >= least)


def rejection(found: Sequence[Answer]) -> str:
    """How often a known animal is recognised and an unknown one taken for a known, by the least probability asked."""
    rule = read_calibration().same
    rows = [
        "| least probability | known, named rightly | known, named wrongly | new, named wrongly |",
        "|---|---|---|---|",
    ]
    for least in CHANCES:
        line = np.log(least / (1 - least))
        right = [log_odds(rule, a.right[0]) if a.rank else -np.inf for a in found]
        wrong = [log_odds(rule, a.wrong[0]) if a.wrong_name else -np.inf for a in found]
        named = np.mean([r >= line and r >= w for r, w in zip(right, wrong, strict=True)])
        mistaken = np.mean([w >= line and w > r for r, w in zip(right, wrong, strict=True)])
        new = np.mean([w >= line for w in wrong])
        rows.append(f"| {least} | {named:.3f} | {mistaken:.3f} | {new:.3f} |")
    return "\n".join(rows)


def read_set(folder: Path) -> list[View]:
    """The views of a simulated set.

    Raises:
        ConfigError: there is none, or a picture is missing.
    """
    views = []
    for path in sorted(folder.glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            picture, mask = (
                cv2.imread(str(folder / f"{row['view']}.jpg")),
                cv2.imread(str(folder / f"{row['view']}.png"), 0),
            )
            if picture is None or mask is None:
                raise ConfigError(
                    f"{folder} lacks pictures of {row['view']}; delete {path.name} and write the set anew"
                )
            inside = np.asarray(mask > 127, np.bool_)
            views.append(
                View(row["individual"], row["view"], row["flank"], row["infrared"], row["query"], row["to_right"],
                     np.asarray(picture, np.uint8), inside)
            )  # fmt: skip
    if not views:
        raise ConfigError(f"{folder} holds no set; write one with python -m models.simulate.coat_set {folder}")
    return views


def simulated_answers(views: Sequence[View], shrinkings: Sequence[float] = SHRINKINGS) -> list[Answer]:
    """Every query of a set, at several sizes, against all known views of its flank. Groups are light and size.

    Views from the front or rear are left out, and queries of individuals whose flank is in no known view.
    """
    views = [view for view in views if view.flank in FLANKS]
    galleries = gallery_of([(view, describe(view.picture, view.mask)) for view in views if not view.query])
    queries = []
    for shrinking in shrinkings:
        for view in (view for view in views if view.query and view.individual in galleries[view.flank].individuals):
            small = shrunk(view, shrinking)
            length = np.ptp(np.flatnonzero(small.mask.any(axis=0)))
            size = "300 px and more" if length >= 300 else "150 to 300 px" if length >= 150 else "under 150 px"
            group = f"{'infrared' if view.infrared else 'day'}, {size}"
            queries.append((group, small, describe(small.picture, small.mask)))
    return answers(sorted(queries, key=lambda query: query[0]), galleries)


def crossed_answers(views: Sequence[View]) -> list[Answer]:
    """Queries in infrared against known views by day alone, and the other way round, at their full size."""
    described = [(view, describe(view.picture, view.mask)) for view in views if view.flank in FLANKS]
    found = []
    for infrared, group in ((True, "infrared against day alone"), (False, "day against infrared alone")):
        galleries = gallery_of([(v, p) for v, p in described if not v.query and v.infrared != infrared])
        queries = [(group, v, p) for v, p in described if v.query and v.infrared == infrared]
        found += answers(
            [one for one in queries if one[1].individual in galleries[one[1].flank].individuals], galleries
        )
    return found


def gallery_of(known: Sequence[tuple[View, Pattern]]) -> dict[str, Gallery]:
    """A gallery for each flank."""
    views = [KnownView(view.individual, view.name, view.flank, pattern) for view, pattern in known]
    return {flank: build_gallery(views, flank) for flank in FLANKS}


def shrunk(view: View, times: float) -> View:
    """The view as a smaller sensor, or one farther away, would have it."""
    if times == 1:
        return view
    size = (round(view.picture.shape[1] / times), round(view.picture.shape[0] / times))
    small = cv2.resize(view.picture, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(view.mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    return replace(view, picture=np.asarray(small, np.uint8), mask=np.asarray(mask, np.bool_))


def read_photos(folder: Path) -> list[tuple[str, Picture, Box]]:
    """The boxed animals of a folder: a name, the photo, and the box as x, y, w, h in shares.

    Raises:
        ConfigError: boxes.csv or a photo cannot be read.
    """
    try:
        with (folder / "boxes.csv").open(encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
    except OSError as error:
        raise ConfigError(f"cannot read the labels {folder / 'boxes.csv'}: {error.strerror}") from error
    photos = []
    for number, row in enumerate(rows):
        picture = cv2.imread(str(folder / row["file"]))
        if picture is None:
            raise ConfigError(f"{folder / row['file']} is no picture that can be read")
        left, top, right, bottom = (float(row[name]) for name in ("x1", "y1", "x2", "y2"))
        photos.append(
            (f"{row['file']}#{number:02}", np.asarray(picture, np.uint8), (left, top, right - left, bottom - top))
        )
    return photos


def photo_answers(photos: Sequence[tuple[str, Picture, Box]]) -> list[Answer]:
    """Each photo, changed in several ways, against all photos as they are. All count as one flank."""
    known = [_photo_view(name, picture, box) for name, picture, box in photos]
    galleries = gallery_of([(view, describe(view.picture, view.mask)) for view in known])
    queries = []
    for number, (name, picture, box) in enumerate(photos):
        chance = np.random.default_rng([7, number])
        for change, make in CHANGES.items():
            view = _photo_view(name, *make(picture, box, chance))
            queries.append((change, view, describe(view.picture, view.mask)))
    return answers(sorted(queries, key=lambda query: list(CHANGES).index(query[0])), galleries)


def _photo_view(name: str, picture: Picture, box: Box) -> View:
    return View(name, name, "left", False, False, 0.0, picture, cut_out(picture, box))


Changed = tuple[Picture, Box]


def _blurred(picture: Picture, box: Box, chance: np.random.Generator) -> Changed:
    """Out of focus by 1 % of the animal's longer side."""
    longest = max(box[2] * picture.shape[1], box[3] * picture.shape[0])
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.01 * longest), np.uint8), box


def _perspective(picture: Picture, box: Box, chance: np.random.Generator) -> Changed:
    """Seen from elsewhere: the corners move by up to 12 % of the picture's sides."""
    height, width = picture.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inward = chance.uniform(0, 0.12, (4, 2)) * [[1, 1], [-1, 1], [-1, -1], [1, -1]] * (width, height)
    moving = cv2.getPerspectiveTransform(corners, (corners + inward).astype(np.float32))
    x, y, w, h = box
    edges = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]]) * (width, height)
    moved = cv2.perspectiveTransform(edges[None].astype(np.float32), moving)[0] / (width, height)
    low, high = moved.min(axis=0).clip(0, 1), moved.max(axis=0).clip(0, 1)
    warped = cv2.warpPerspective(picture, moving, (width, height), borderMode=cv2.BORDER_REPLICATE)
    wide, tall = (float(length) for length in high - low)
    return np.asarray(warped, np.uint8), (float(low[0]), float(low[1]), wide, tall)


def _infrared(picture: Picture, box: Box, chance: np.random.Generator) -> Changed:
    """Grey, flatter, darker to the sides, noisy."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
    rows, columns = np.mgrid[-1 : 1 : grey.shape[0] * 1j, -1 : 1 : grey.shape[1] * 1j]
    lit = (0.25 + 0.5 * grey) * (1 - 0.3 * (rows**2 + columns**2) / 2) + chance.normal(0, 0.02, grey.shape)
    return np.repeat((lit * 255).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2), box


def _cropped(picture: Picture, box: Box, chance: np.random.Generator) -> Changed:
    """Only 60 % of the box's width and 80 % of its height, from one side, at two thirds of the size."""
    x, y, w, h = box
    left = x + 0.4 * w * float(chance.integers(2))
    part = (left, y + 0.2 * h * float(chance.integers(2)), 0.6 * w, 0.8 * h)
    return np.asarray(cv2.resize(picture, None, fx=2 / 3, fy=2 / 3, interpolation=cv2.INTER_AREA), np.uint8), part


def _all_of_it(picture: Picture, box: Box, chance: np.random.Generator) -> Changed:
    """Perspective, then infrared, then blur."""
    for change in (_perspective, _infrared, _blurred):
        picture, box = change(picture, box, chance)
    return picture, box


CHANGES: dict[str, Callable[[Picture, Box, np.random.Generator], Changed]] = {
    "blur": _blurred,
    "perspective": _perspective,
    "infrared grey": _infrared,
    "crop": _cropped,
    "perspective, grey and blur": _all_of_it,
}


def _source(name: str) -> str:
    """The photo that an animal of a photo is in; of a simulated one, itself."""
    return name.partition("#")[0]


def _box_of(mask: Mask) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    wide, tall = columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0]
    return float(columns[0] / width), float(rows[0] / height), float(wide / width), float(tall / height)


def _of(one: Match | None) -> tuple[float, int]:
    return (one.score, one.inliers) if one else (0.0, 0)


def main(arguments: list[str]) -> int:
    """Measure and print tables. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m models.evaluate.identity",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("photos", "simulated"))
    parser.add_argument("folder", type=Path, help="of photos with boxes.csv, or that models.simulate.coat_set wrote")
    chosen = parser.parse_args(arguments)
    if chosen.what == "photos":
        found = photo_answers(read_photos(chosen.folder))
    else:
        views = read_set(chosen.folder)
        found = simulated_answers(views)
        sys.stdout.write(f"{table(crossed_answers(views), 'other light', lambda answer: answer.group)}\n\n")
    kinds = {"queries": lambda a: a.group, "flank": lambda a: a.flank, "quality of the view": quality_of}
    for head, group_of in kinds.items():
        sys.stdout.write(f"{table(found, head, group_of)}\n\n")
    sys.stdout.write(f"{rejection(found)}\n\nHighest scores of different animals:\n\n")
    for one in sorted(found, key=lambda answer: -answer.wrong[0])[:10]:
        said = f"{one.wrong[0]:.2f}, {one.wrong[1]} inliers: {one.individual}, {one.group}, like {one.wrong_name}"
        sys.stdout.write(f"- {said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
