"""`python -m models.behaviour`: measure labelled clips, learn the behaviour network from them, compare, write it."""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from models.behaviour.altering import WAYS, alter_folder, alter_labelled
from models.behaviour.boosting import boost
from models.behaviour.comparing import by_behaviour, compare, summary
from models.behaviour.examples import Example, examples_of
from models.behaviour.exporting import calibrated, read_committee, read_network, shortest_bouts, write_network
from models.behaviour.extending import extend
from models.behaviour.learning import learn, scale_of
from models.behaviour.measured import Measured, read_measured
from models.behaviour.measuring import measure_folder, measure_labelled
from models.behaviour.outlined import measure_outlines
from models.behaviour.probing import ablation, changed_share, told_of_trees
from models.behaviour.retraining import relabelled
from models.behaviour.shaking import shakes_between
from models.behaviour.shared_examples import SHIPPED, SharedExamples, chosen, read_examples, write_examples
from models.behaviour.steadying import steadied
from models.behaviour.strangers import naming_strangers
from models.behaviour.temporal import Committee
from models.registry import weights_path
from models.simulate.act import BEHAVIOURS
from models.simulate.split import Split
from pipeline.behaviour.classifier import Classifier
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.behaviour.network import BehaviourNetwork
from pipeline.behaviour.rules import Rules
from pipeline.behaviour.where_sure import as_used
from pipeline.settings import load_settings

CODES = (*BEHAVIOURS, UNKNOWN)
EMBEDDING = 1280  # length of the species network's features
SEED = 20261101

logger = logging.getLogger(__name__)


def main() -> None:
    """Run one of the steps."""
    asked = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if asked.step == "measure" and asked.clips.is_dir():
        measure_folder(asked.clips, asked.out, asked.workers)
    elif asked.step == "measure":
        measure_labelled(asked.clips, asked.out, asked.workers, asked.centred)
    elif asked.step == "alter":
        alter = alter_folder if asked.clips.is_dir() else alter_labelled
        logger.info("%d copies in %s", alter(asked.clips, asked.out, asked.way), asked.out)
    elif asked.step == "probe":
        probe(asked.measured, asked.network or weights_path("behaviour"), asked.altered, asked.mirrored)
    elif asked.step == "steady":
        network = asked.network or weights_path("behaviour")
        steady_network(asked.measured, asked.copies, asked.mirrored, network, asked.more, asked.out)
    elif asked.step == "extend":
        network = asked.network or weights_path("behaviour")
        extend_network(asked.measured, network, asked.more, asked.out, asked.examples)
    else:
        train(asked.measured, asked.outlines, asked.out, asked.examples, asked.more, asked.strangers)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.behaviour", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    measuring = steps.add_parser("measure", help="follow the animals of labelled clips, once")
    measuring.add_argument("clips", type=Path, help="a folder of simulated clips, or a CSV of labels")
    measuring.add_argument("--out", type=Path, required=True)
    measuring.add_argument("--workers", type=int, default=2)
    measuring.add_argument("--centred", action="store_true", help="labels in a CSV speak of the animal in the middle")
    training = steps.add_parser("train", help="learn from measured clips, compare on those of other cameras, write")
    training.add_argument("measured", type=Path)
    training.add_argument("--outlines", type=Path, help="scenes simulated with --features-only, to learn from as well")
    training.add_argument("--more", type=Path, help="examples that an earlier training kept, to learn from as well")
    training.add_argument("--strangers", type=Path, help="the network that names what looks like none learned from")
    training.add_argument("--examples", type=Path, help="also keep examples that parks train from, an .npz file")
    extending = steps.add_parser("extend", help="teach a network behaviours that it does not know, beside what it does")
    extending.add_argument("measured", type=Path)
    extending.add_argument("--examples", type=Path, help="also keep examples that parks train from, an .npz file")
    steadying = steps.add_parser(
        "steady", help="let a network bear what other renderings of the same scenes do to cues"
    )
    steadying.add_argument("measured", type=Path)
    steadying.add_argument("--copies", type=Path, nargs="*", default=(), help="measured copies, a folder each")
    steadying.add_argument("--mirrored", type=Path, nargs="*", default=(), help="likewise, of mirrored copies")
    for changing in (extending, steadying):
        changing.add_argument("--network", type=Path, help="the one to start from; the shipped one if left out")
        changing.add_argument("--more", type=Path, default=SHIPPED, help="examples of what the network knows")
    for learning in (training, extending, steadying):
        learning.add_argument("--out", type=Path, required=True, help="the network, an .onnx file")
    altering = steps.add_parser("alter", help="write altered copies of clips, to be measured as well")
    altering.add_argument("clips", type=Path, help="a folder of simulated clips, or a CSV of labels")
    altering.add_argument("--way", choices=WAYS, required=True)
    altering.add_argument("--out", type=Path, required=True)
    probing = steps.add_parser("probe", help="what the network rests on, and what shakes it, on measured clips")
    probing.add_argument("measured", type=Path)
    probing.add_argument("--network", type=Path, help="an .onnx file; the shipped one if left out")
    probing.add_argument("--altered", type=Path, nargs="*", default=(), help="measured copies, a folder each")
    probing.add_argument("--mirrored", type=Path, nargs="*", default=(), help="likewise, of mirrored copies")
    return parser


def train(
    measured: Path,
    outlines: Path | None,
    out: Path,
    shared: Path | None = None,
    more: Path | None = None,
    strangers: Path | None = None,
) -> None:
    """Learn from the training split, calibrate on the validation split, compare on it and on the test split."""
    clips = _read(measured)
    scenes = [] if outlines is None else [measure_outlines(path) for path in sorted(outlines.rglob("*.json"))]
    learned, held = _of(clips, "train"), _of(clips, "validate")
    logger.info("%d clips to learn from, %d scenes without pictures, %d held out", len(learned), len(scenes), len(held))
    examples = [example for every in (1, 2, 3) for example in examples_of(learned, CODES, every)]
    examples += [example for every in (1, 2) for example in examples_of(scenes, CODES, every)]
    examples = _with_blank_looks(examples)
    if more is not None:
        earlier = read_examples(more)
        examples += [relabelled(one, earlier.codes, CODES) for one in earlier.examples]
        logger.info("%d tracks of an earlier training to learn from as well", len(earlier.examples))
    shortest_s = shortest_bouts([*learned, *scenes], CODES)
    scale = scale_of(examples)
    if shared is not None:
        few = SharedExamples(CODES, shortest_s, tuple(chosen(examples, SEED)))
        write_examples(few, scale, shared)
        logger.info("%d tracks kept in %s, %.1f MB", len(few.examples), shared, shared.stat().st_size / 1e6)
    members = learn(examples, len(CODES), SEED, scale=scale)
    committee = calibrated(members, _with_blank_looks(examples_of(held, CODES)))
    if strangers is not None:
        before = naming_strangers(*read_network(strangers), CODES)
        committee = Committee(list(committee.networks), committee.temperature, before).eval()
    write_network(committee, CODES, shortest_s, EMBEDDING, out)
    logger.info("written: %s, temperature %.2f", out, committee.temperature)
    trees = boost(examples, CODES, shortest_s, SEED)
    compared: dict[str, Classifier] = {"temporal network": BehaviourNetwork(out), "boosted windows": trees}
    print_comparison(clips, {**compared, "rules": Rules()})


def extend_network(measured: Path, network: Path, more: Path, out: Path, shared: Path | None = None) -> None:
    """Learn what a network does not know of `CODES`, beside it, from the training split; compare on the others."""
    clips = _read(measured)
    known, codes = read_committee(network)
    further = [code for code in CODES if code not in codes]
    wanted = (*codes, *further)
    shown = _of(clips, "train")
    new = _with_blank_looks([example for every in (1, 2, 3) for example in examples_of(shown, wanted, every)])
    earlier = read_examples(more)
    old = [relabelled(one, earlier.codes, wanted) for one in earlier.examples]
    held = _with_blank_looks(examples_of(_of(clips, "validate"), wanted))
    logger.info("%s: %d tracks and %d of other behaviours, %d held out", further, len(new), len(old), len(held))
    extended = extend(known, further, wanted, [*old, *new], held, SEED)
    shortest_s = {**earlier.shortest_s, **shortest_bouts(shown, further)}
    write_network(extended, wanted, shortest_s, EMBEDDING, out)
    logger.info("written: %s, temperature %.2f", out, extended.further.temperature)
    if shared is not None:
        write_examples(SharedExamples(wanted, shortest_s, (*old, *new)), known.networks[0].scale, shared)
        logger.info("%d tracks kept in %s, %.1f MB", len(old) + len(new), shared, shared.stat().st_size / 1e6)
    print_comparison(clips, {"extended": BehaviourNetwork(out), "before": BehaviourNetwork(network)})


def steady_network(
    measured: Path, copies: Sequence[Path], mirrored: Sequence[Path], network: Path, more: Path, out: Path
) -> None:
    """Let a network learn to bear what copies of the training split show; calibrate it on the validation split."""
    clips = _read(measured)
    shown = _of(clips, "train")
    shakes = [shake for folder in copies for shake in shakes_between(shown, _read(folder), as_mirrored=False)]
    shakes += [shake for folder in mirrored for shake in shakes_between(shown, _read(folder), as_mirrored=True)]
    shaken, codes = read_network(network)
    earlier = read_examples(more)
    examples = [relabelled(one, earlier.codes, codes) for one in earlier.examples]
    examples += _with_blank_looks(examples_of(shown, codes))
    held = _with_blank_looks(examples_of(_of(clips, "validate"), codes))
    logger.info("%d tracks, shaken as %d were; %d held out", len(examples), len(shakes), len(held))
    steady = steadied(shaken, examples, held, codes, shakes, SEED)
    before = BehaviourNetwork(network)
    write_network(steady, codes, before.shortest_s, EMBEDDING, out)
    logger.info("written: %s, temperature %.2f", out, steady.temperature)
    print_comparison(clips, {"steadied": BehaviourNetwork(out), "before": before})


def print_comparison(clips: Sequence[Measured], classifiers: dict[str, Classifier]) -> None:
    """A row for each classifier, split and frame rate."""
    settings = load_settings().behaviour
    splits: tuple[Split, ...] = ("validate", "test")
    logger.info("classifier | split | pictures | macro-F1 | right | unknown | F1@0.5 | ECE | start s | end s")
    for split in splits:
        held = _of(clips, split)
        for name, classify in classifiers.items():
            for every in (1, 2) if held else ():
                scores = compare(held, classify, settings, every)
                logger.info("%s | %s | 1/%d | %s", name, split, every, summary(scores))


def probe(measured: Path, network: Path, altered: Sequence[Path], mirrored: Sequence[Path] = ()) -> None:
    """A row for each family of cues left out, the rules, the site's word, then one for each kind of poorer pictures."""
    settings = load_settings().behaviour
    clips = _read(measured)
    clips = [clip for clip in clips if clip.split != "train"]  # what it learned from says nothing
    classify = BehaviourNetwork(network)
    logger.info("without | macro-F1 | right | unknown | F1@0.5 | ECE | start s | end s, on %d clips", len(clips))
    found = ablation(clips, classify, settings)
    for family, scores in found.items():
        logger.info("%s | %s", family, summary(scores))
    used = as_used(classify, settings.sure_from)
    others = {
        "by the rules": compare(clips, Rules(), settings),
        "by the rules where it is not sure": compare(clips, used, settings),
        "told of marking trees": told_of_trees(clips, classify, settings),
        "told where they stand": told_of_trees(clips, classify, settings, placed=True),
    }
    for name, scores in others.items():
        logger.info("%s | %s", name, summary(scores))
    for name, scores in {"by the network": found["all"], **others}.items():
        logger.info("F1 %s: %s", name, by_behaviour(scores))
    logger.info("pictures | named otherwise | lost or unknown, of the named time")
    asked = {"network": classify, "with the rules": used}
    for name, one in asked.items():
        again = changed_share(clips, clips, one, settings, every=2)
        logger.info("every second look, %s | %.3f | %.3f", name, *again)
    for folder in (*altered, *mirrored):
        copies = _read(folder)
        for name, one in asked.items():
            shares = changed_share(clips, copies, one, settings, mirrored=folder in mirrored)
            logger.info("%s, %s | %.3f | %.3f", folder.name, name, *shares)


def _read(measured: Path) -> list[Measured]:
    return [read_measured(path) for path in sorted(measured.glob("*.npz"))]


def _of(clips: Sequence[Measured], split: Split) -> list[Measured]:
    return [clip for clip in clips if clip.split == split]


def _with_blank_looks(examples: Sequence[Example]) -> list[Example]:
    """Examples of which no crop was looked at, as if the species network had seen nothing of them."""
    return [one if one.cues.embedding.shape[1] == EMBEDDING else one.without_look(EMBEDDING) for one in examples]


if __name__ == "__main__":
    main()
