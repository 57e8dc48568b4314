"""What spoke for a bout, in words and numbers that a person can check against the clip."""

from collections.abc import Mapping

import numpy as np

from pipeline.behaviour.classifier import APART_S, Scene, is_motionless
from pipeline.behaviour.cues import STILL_SPEED
from pipeline.behaviour.depth import COMES, stop_before_the_camera
from pipeline.behaviour.pairs import PAIR_CUES, pair_cues
from pipeline.behaviour.site import tree_distance
from pipeline.behaviour.together import BY_THE_OTHERS
from pipeline.behaviour.where_sure import BY_RULES
from pipeline.tracking.looks import CELLS
from pipeline.values import Array, Features, Looks

UPRIGHT = 1.15  # height over width from which a box stands on end
LOW, TALL = 0.8, 1.1  # box height against the track's own median: crouched or lying; risen
LIVELY = 0.15  # share of a cell that changes from picture to picture from which something moves there
WORTH_NAMING = 0.1  # fall of belief without a family of cues from which that family spoke for a bout
FEW_TIMES = 1.5  # how many times livelier the liveliest third must be than the mean to be named
LEAST_UPRIGHT_S = 0.5  # seconds from which that something stood upright is worth saying
SAID_TO_STOP = 0.5  # of `stop_before_the_camera`, from which it is said that the animal stopped there
NEAR_TREE = 2.0  # body lengths from the marked tree up to which it is worth naming
RAISED, BARE = 0.25, 0.1  # share of a cell that differs from the scene: something stands there; nothing does
_FAMILY_WORDS = {
    "motion": "how it moved",
    "shape": "the shape of its box",
    "silhouette": "its silhouette",
    "change": "where it moved inside its box",
    "flow": "which way its parts moved",
    "pairs": "the other animal",
    "look": "what it looked like",
    BY_THE_OTHERS: "what the animals near it seemed to do",
    BY_RULES: "the rules, since the network was not sure,",
}


def evidence(scene: Scene, number: int, grounds: Mapping[str, Array], inside: slice, code: int) -> str:
    """What spoke for one bout.

    Args:
        scene: all animals of the video.
        number: which of them, from 0.
        grounds: by family of cues, how far the belief in each behaviour falls without it, (n, k); empty if not known.
        inside: the bout's samples, at least one.
        code: the bout's behaviour, a column of the grounds.
    """
    features = scene.features[number]
    said = [_motion(features, inside), *_before_the_camera(scene, number, inside), *_shape(features, inside)]
    looks = scene.samples[number].looks if scene.samples else None
    if looks is not None:
        said += _inner_movement(looks, inside)
        if is_motionless(scene, number)[inside].mean() > 0.5:
            said.append("that it kept so still speaks against grooming, feeding and the like")
    elif (~np.isnan(features.inner_motion[inside])).any():
        said.append(f"{np.nanmean(features.inner_motion[inside]):.0%} of its picture changed from look to look")
    said += [*_at_tree(scene, number, inside), *_company(scene, number, inside)]
    if features.edge[inside].mean() > 0.3:
        said.append("cut off by the picture's edge")
    if features.visible[inside].mean() < 0.7:
        said.append("small or hardly seen")
    apart = float(np.median(np.diff(features.t))) if len(features.t) > 1 else 0.0
    if apart > APART_S:
        said.append(f"what it does between pictures {apart:.0f} s apart cannot be told")
    weighty = sorted(((float(fall[inside, code].mean()), family) for family, fall in grounds.items()), reverse=True)
    named = [_FAMILY_WORDS.get(family, family) for fall, family in weighty[:2] if fall >= WORTH_NAMING]
    if named:
        said.append(f"{' and '.join(named)} spoke most for it")
    return "; ".join(said)


def _motion(features: Features, inside: slice) -> str:
    speed, along = float(np.median(features.speed[inside])), float(np.median(features.approach[inside]))
    seconds = float(features.t[inside][-1] - features.t[inside][0])
    if abs(along) > max(speed, STILL_SPEED):
        return f"{'came nearer' if along > 0 else 'went away'} at about {abs(along):.1f} body lengths/s"
    if speed < STILL_SPEED:
        return f"kept its place for {seconds:.1f} s"
    return f"moved at {speed:.2f} body lengths/s"


def _before_the_camera(scene: Scene, number: int, inside: slice) -> list[str]:
    features = scene.features[number]
    if not scene.samples or float(np.median(features.approach[inside])) < COMES:
        return []
    if stop_before_the_camera(scene.samples[number].boxes, features, scene.aspect) >= SAID_TO_STOP:
        return ["stopped before the camera"]
    return ["that it did not stop before the camera speaks against its dealing with that"]


def _shape(features: Features, inside: slice) -> list[str]:
    stretch = float(np.median(features.stretch[inside]))
    said = [f"box {stretch:.1f} times as wide as high"]
    if 1 / stretch >= UPRIGHT:
        said = [f"box on end, {1 / stretch:.1f} times as high as wide"]
    against = float(np.median(features.height[inside]) / np.median(features.height))
    if against <= LOW or against >= TALL:
        said.append(f"{against:.0%} of its usual height")
    return said


def _inner_movement(looks: Looks, inside: slice) -> list[str]:
    change = looks.change[inside]
    if np.isnan(change).all():
        return ["pictures too far apart to tell movement inside its box"]
    cells = np.nanmean(change, axis=0)
    thirds = cells.reshape(3, 2, 3, 2).mean(axis=(1, 3))
    strongest = np.unravel_index(int(thirds.argmax()), thirds.shape)
    if thirds.max() < LIVELY:
        return ["hardly anything moved inside its box"]
    if thirds.max() < FEW_TIMES * thirds.mean():
        return ["moved all over"]
    rows, columns = ("upper", "middle", "lower"), ("left", "middle", "right")
    where = f"{rows[strongest[0]]} {columns[strongest[1]]}".replace("middle middle", "middle")
    return [f"most movement in the {where} of its box"]


def _at_tree(scene: Scene, number: int, inside: slice) -> list[str]:
    if scene.tree is None or scene.tree.trunk is None:
        return []
    distance = float(np.median(tree_distance(scene, number)[inside]))
    if distance > NEAR_TREE:
        return []
    said = f"{distance:.1f} body lengths from the marked tree" if distance >= 0.05 else "at the marked tree"
    samples, looks = scene.samples[number], scene.samples[number].looks
    if looks is None:
        return [said]
    end = upright_end(looks.silhouette[inside])
    seconds = np.gradient(samples.t)[inside] if len(samples.t) > 1 else np.zeros(1)
    x, _, w, _ = samples.scene_boxes[inside].T
    side = np.where(x + w / 2 < np.mean(scene.tree.trunk), 1, -1)  # on which the animal has the tree
    towards, away = (float(seconds[end == way * side].sum()) for way in (1, -1))
    if max(towards, away) < LEAST_UPRIGHT_S:
        return [said]
    which = "the end towards it" if towards >= away else "the end away from it"
    return [said, f"{which}, tail or head, upright for {max(towards, away):.1f} s"]


def upright_end(silhouette: Array) -> Array:
    """At which end of an animal a tail or a raised head stands up by itself: -1 left, 1 right, 0 at neither or both.

    It stands in the outer third of the upper half of the window, and beside it in that half there is nothing. Tail and
    head cannot be told apart on so coarse a grid.

    Args:
        silhouette: (n, CELLS, CELLS) share of each cell that differs from the empty scene; NaN where not known.

    Returns:
        (n,).
    """
    tops = np.nan_to_num(silhouette[:, : CELLS // 2])
    third = CELLS // 3

    def stands(rows: Array) -> Array:
        alone = rows[:, :, third:].max(axis=2) < BARE
        return np.asarray(((rows[:, :, :third].max(axis=2) >= RAISED) & alone).any(axis=1))

    return np.asarray(stands(tops[:, :, ::-1]).astype(float) - stands(tops))


def _company(scene: Scene, number: int, inside: slice) -> list[str]:
    if len(scene.samples) < 2:
        return []
    table = pair_cues(scene.samples, scene.features, scene.aspect, number)[inside]
    near = table[:, PAIR_CUES.index("company")] > 0
    if near.mean() < 0.5:
        return []
    median = dict(zip(PAIR_CUES, np.median(table[near], axis=0), strict=True))
    said = f"another animal {np.exp(median['distance']):.1f} body lengths away"
    closing = float(np.sinh(median["closing"]))
    if abs(closing) >= STILL_SPEED:
        said += f", {'closing in' if closing > 0 else 'drawing away'} at {abs(closing):.1f} body lengths/s"
    ratio = float(np.exp(median["its size"]))
    return [said, f"the other {ratio:.1f} times its size"] if not 0.75 < ratio < 1.33 else [said]
