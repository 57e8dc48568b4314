"""MammAlps' dense annotations (Gabeff et al., CVPR 2025) as labels: a box, an action and an activity in each frame."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.evaluate.behaviour.labels import Boxes, LabelledVideo, Labels
from models.evaluate.behaviour.mapping import Translator
from models.evaluate.behaviour.values import Conditions, TrueBout, frame_rate_band

GAP_S = 0.5  # an animal that nobody boxed for longer begins a new bout
NO_ACTION = "none"

Tree = Mapping[str, Any]
Codes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """One animal in one frame."""

    t: float  # seconds
    box: tuple[float, float, float, float]  # x, y, w, h as shares of the picture
    codes: Codes | None  # None: nothing of ours
    words: str


def read_mammalps(tree: Tree, beside: Path | None, translator: Translator) -> Labels:
    """Each animal's runs of frames with the same behaviour. A second action in a frame is right as well.

    Args:
        tree: the JSON.
        beside: its video.
        translator: of their words.

    Raises:
        KeyError, TypeError, ValueError: the JSON is not as MammAlps writes it.
    """
    info = tree["info"]
    step, name, seconds = 1 / float(info["fps"]), str(info["file_id"]), float(info["duration_s"])
    left_out: Counter[str] = Counter()
    bouts, boxes = [], {}
    for subject, moments in _by_animal(tree, step, translator).items():
        boxes[subject] = Boxes(np.array([one.t for one in moments]), np.array([one.box for one in moments]))
        for run in _runs(moments):
            start, end = run[0].t, run[-1].t + step
            if run[0].codes is None:
                left_out[f"no behaviour of ours: {run[0].words}"] += 1
            else:
                cut_off = start < step, end > seconds - step
                bouts.append(TrueBout(name, subject, run[0].codes, start, end, *cut_off))
    conditions = Conditions("", frame_rate_band(float(info["fps"])), f"{info['site_id']}_{info['cam_id']}")
    labelled = LabelledVideo(name, tuple(bouts), beside, boxes, {}, conditions, seconds)
    return Labels("MammAlps' dense annotations", (labelled,), dict(left_out))


def _by_animal(tree: Tree, step: float, translator: Translator) -> dict[str, list[Moment]]:
    wide, high = (float(side) for side in str(tree["info"]["resolution"]).split("x"))
    found: dict[str, list[Moment]] = defaultdict(list)
    known: dict[tuple[str, str, str], tuple[Codes | None, str]] = {}
    for frame in sorted(tree["frames"], key=lambda one: int(one["frame_id"])):
        for one in frame["detections"]:
            said = one["attributes"]
            words = (str(said["activity"]), str(said["action"]), str(said.get("action2", NO_ACTION)))
            if words not in known:
                known[words] = _meaning(*words, translator)
            x1, y1, x2, y2 = (float(value) for value in one["bbox"])
            box = (x1 / wide, y1 / high, (x2 - x1) / wide, (y2 - y1) / high)
            t = float(frame.get("t", frame["frame_id"] * step))
            found[str(one["track_id"])].append(Moment(t, box, *known[words]))
    return found


def _meaning(activity: str, action: str, second: str, translator: Translator) -> tuple[Codes | None, str]:
    """The codes of one frame's words, and the words."""
    actions = [one for one in (action, second) if one != NO_ACTION] or [NO_ACTION]
    meant = [translator.dense_codes(activity, one) for one in actions]
    codes = tuple(dict.fromkeys(code for one in meant if one for code in one))
    return codes or None, f"{activity}/{'+'.join(actions)}"


def _runs(moments: Sequence[Moment]) -> list[list[Moment]]:
    """Moments in runs of the same meaning without longer gaps."""
    runs: list[list[Moment]] = []
    for one in moments:
        last = runs[-1][-1] if runs else None
        if last and last.codes == one.codes and one.t - last.t <= GAP_S and (one.codes or last.words == one.words):
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs
