"""What a behaviour network rests on, and what shakes it: families of cues left out, poorer pictures."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from models.behaviour.comparing import compare, name_clip
from models.behaviour.measured import REAL, Measured, owned_as_in, whose
from models.evaluate.behaviour.scores import Scores
from models.evaluate.behaviour.scoring import score
from models.simulate.station import trunk_in_picture
from pipeline.behaviour.classifier import Asking, Classifier, Scene
from pipeline.behaviour.cues import FAMILIES, LOOK, without_family
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.behaviour.network import BehaviourNetwork
from pipeline.behaviour.site import MARKING, with_site
from pipeline.settings import BehaviourSettings
from pipeline.values import Array, MarkedTree

STEP_S = 0.1  # grid on which two namings of the same animal are compared


@dataclass(frozen=True, slots=True)
class Instead(Asking):
    """A classifier with another's behaviours and a belief of its own."""

    believe: Callable[[Scene, int], Array]  # as calling a classifier: (n, len(codes))

    def __call__(self, scene: Scene, number: int) -> Array:
        """As the other's own, (n, len(codes))."""
        return self.believe(scene, number)

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        """Nothing: it is asked for names alone."""
        return {}


def without(network: BehaviourNetwork, family: str) -> Instead:
    """A network that is not told one family of cues, one of cues.FAMILIES or cues.LOOK."""
    return Instead(
        network, lambda scene, n: network.from_cues(without_family(network.cues(scene, n), family), scene, n)
    )


def at_tree(classify: Classifier, tree: MarkedTree, odds: float) -> Instead:
    """A classifier that is told of a marked tree in view, where marking is likelier by `odds`."""

    def believe(scene: Scene, number: int) -> Array:
        return with_site(classify(scene, number), classify.codes, replace(scene, tree=tree), number, odds)

    return Instead(classify, believe)


def ablation(clips: Sequence[Measured], network: BehaviourNetwork, settings: BehaviourSettings) -> Mapping[str, Scores]:
    """Scores with all cues, under the key "all", and without each family in turn.

    The network has learned with families left out by chance, so it is not thrown by their absence; one that had never
    had a family might make up for it with others.

    Args:
        clips: measured.
        network: the network.
        settings: shortest bout, least probability.
    """
    found = {"all": compare(clips, network, settings)}
    for family in (*FAMILIES, LOOK):
        if family != "quality":  # it says which of the others are known
            found[family] = compare(clips, without(network, family), settings)
    return found


def told_of_trees(
    clips: Sequence[Measured], classify: Classifier, settings: BehaviourSettings, placed: bool = False
) -> Scores:
    """Scores as if every camera before which an animal marks in these clips had the tag.

    That is the most that the tag can be worth: it is taken from the clips that it is then used on.

    Args:
        clips: measured, of the simulated trap; `subject` says what each was made to show.
        classify: the classifier.
        settings: with the odds that a tag stands for.
        placed: the tag also says where in the picture the tree stands.
    """
    tagged = {clip.camera for clip in clips if clip.subject in MARKING}

    def told(clip: Measured) -> Classifier:
        if clip.camera not in tagged:
            return classify
        tree = MarkedTree(trunk_in_picture(clip.camera, clip.aspect) if placed else None)
        return at_tree(classify, tree, settings.marking_tree_odds)

    named = [name_clip(clip, told(clip), settings) for clip in clips]
    return score([b for n in named for b in n.true], [b for n in named for b in n.predicted], draws=200)


def changed_share(
    clips: Sequence[Measured],
    altered: Sequence[Measured],
    classify: Classifier,
    settings: BehaviourSettings,
    every: int = 1,
    mirrored: bool = False,
) -> tuple[float, float]:
    """How much of the time that is named at first is named otherwise in poorer pictures of the same scenes.

    Args:
        clips: measured on the videos as they are. Of a real one each track that has a label is taken for an animal.
        altered: the same clips, in any order, measured on altered copies, whatever the ending of their files.
        classify: the classifier.
        settings: shortest bout, least probability.
        every: of the altered ones, 1 for every picture that was looked at, 2 for every second one, and so on.
        mirrored: the altered copies show them mirrored; only that of real videos matters.

    Returns:
        Share (0..1) of the named time in which both have a name for the animal and the two differ, and the share in
        which the altered copy has no track on it or says `unknown`. NaN where nothing is named.
    """
    again = {_scene_name(clip): clip for clip in altered}
    named = differs = lost = 0
    for clip in clips:
        copy = again.get(_scene_name(clip))
        if copy is None:
            continue
        if clip.split == REAL:
            copy = owned_as_in(copy, clip, mirrored)
        first = _names(clip, classify, settings, 1)
        second = _names(copy, classify, settings, every)
        for animal, names in first.items():
            other = second.get(animal, {})
            for step, name in names.items():
                if name == UNKNOWN:
                    continue
                named += 1
                differs += other.get(step, UNKNOWN) not in (UNKNOWN, name)
                lost += other.get(step, UNKNOWN) == UNKNOWN
    return (differs / named, lost / named) if named else (float("nan"), float("nan"))


def _scene_name(clip: Measured) -> str:
    """Its name without the file's ending, which altering may change."""
    return str(PurePath(clip.clip).with_suffix(""))


def _names(
    clip: Measured, classify: Classifier, settings: BehaviourSettings, every: int
) -> Mapping[int, Mapping[int, str]]:
    """By true animal and step of STEP_S, what it is said to do; of several tracks the surer one's word."""
    best: dict[int, dict[int, tuple[float, str]]] = defaultdict(dict)
    for bout in name_clip(clip, classify, settings, every).predicted:
        animal = whose(clip.owner[int(bout.subject)])
        for step in range(int(np.ceil(bout.start_s / STEP_S)), int(np.ceil(bout.end_s / STEP_S))):
            word = (bout.probability or 0.0, bout.behaviour)
            best[animal][step] = max(best[animal].get(step, word), word)
    return {animal: {step: name for step, (_, name) in steps.items()} for animal, steps in best.items()}
