"""Calibrate a committee and write it as ONNX, with all that the pipeline must know of it."""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import onnx
import torch

from models.behaviour.examples import Example
from models.behaviour.measured import Measured
from models.behaviour.temporal import Committee, Extended, Scale, TemporalNetwork
from pipeline.behaviour.cues import CUES, RATE_HZ
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.behaviour.network import FAMILIAR
from pipeline.errors import ModelError
from pipeline.whole_file import whole_file

TYPICAL_SHORTEST = 10  # percentile of the true bouts' lengths below which a bout is doubted
LONGEST_DOUBT_S = 1.5  # no behaviour needs to last longer than this to be believed


def calibrated(committee: Committee, examples: Sequence[Example]) -> Committee:
    """The committee with the temperature at which its beliefs fit best (Guo et al. 2017, on calibration).

    Args:
        committee: learned from other examples.
        examples: whose labels it has not seen.
    """
    temperatures = np.geomspace(0.4, 4.0, 40)
    losses = np.zeros(len(temperatures))
    with torch.no_grad():
        for example in examples:
            known = torch.tensor(example.labels >= 0)
            if not bool(known.any()):
                continue
            cues = torch.tensor(example.cues.values[None])
            beliefs, _ = committee(cues, torch.tensor(example.cues.embedding[None]))
            belief = beliefs[0][known]
            logits = torch.log(belief.clamp(1e-9)) * committee.temperature
            labels = torch.tensor(example.labels)[known]
            for number, temperature in enumerate(temperatures):
                losses[number] += float(
                    torch.nn.functional.cross_entropy(logits / temperature, labels, reduction="sum")
                )
    return Committee(list(committee.networks), float(temperatures[losses.argmin()])).eval()


def shortest_bouts(clips: Sequence[Measured], codes: Sequence[str]) -> dict[str, float]:
    """Seconds that a bout of each behaviour lasts at least, by the true bouts that no clip cuts off."""
    shortest = {}
    for code in codes:
        lengths = [
            bout.end_s - bout.start_s
            for clip in clips
            for bout in clip.bouts
            if bout.behaviour == code and bout.start_s > 0.05 and bout.end_s < clip.duration_s - 0.1
        ]
        if len(lengths) >= 5 and code != UNKNOWN:
            shortest[code] = round(min(float(np.percentile(lengths, TYPICAL_SHORTEST)), LONGEST_DOUBT_S), 2)
    return shortest


def write_network(
    committee: Committee, codes: Sequence[str], shortest_s: Mapping[str, float], embedding: int, path: Path
) -> None:
    """Write the network as ONNX.

    Args:
        committee: calibrated.
        codes: the behaviours, in the order of its output.
        shortest_s: seconds that a bout of a behaviour lasts at least.
        embedding: length of the species network's features.
        path: the .onnx file.
    """
    said = {
        "codes": list(codes),
        "cues": list(CUES),
        "shortest_s": dict(shortest_s),
        "rate_hz": RATE_HZ,
        "temperature": committee.temperature,
    }
    if committee.before is not None:
        said["before_temperature"] = committee.before.temperature
    if isinstance(committee, Extended):
        said["further_temperature"] = committee.further.temperature
    with whole_file(path) as unfinished:
        _export(committee, embedding, unfinished)
        model = onnx.load(str(unfinished))
        onnx.helper.set_model_props(model, {name: json.dumps(value) for name, value in said.items()})
        onnx.save(model, str(unfinished))


def _export(committee: Committee, embedding: int, path: Path) -> None:
    inputs = (torch.zeros(2, 40, len(CUES)), torch.zeros(2, 40, embedding))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the older exporter needs no further package
        warnings.simplefilter(
            "ignore", torch.jit._trace.TracerWarning
        )  # of a check of shapes within group normalisation
        torch.onnx.export(
            committee,
            inputs,
            str(path),
            input_names=["cues", "embedding"],
            output_names=["probabilities", FAMILIAR],
            dynamic_axes={
                **{name: {0: "tracks", 1: "steps"} for name in ("cues", "embedding", "probabilities")},
                FAMILIAR: {0: "tracks"},
            },
            opset_version=17,
            do_constant_folding=False,  # so that the file keeps the weights under their names, see `read_network`
            dynamo=False,
        )


def read_network(path: Path) -> tuple[Committee, tuple[str, ...]]:
    """What `write_network` wrote, with the networks beside the committee if there are any, and what its outputs mean.

    Raises:
        ModelError: the file cannot be read, was made for another version's cues, or does not name its weights.
    """
    try:
        model = onnx.load(str(path))
        said = {one.key: json.loads(one.value) for one in model.metadata_props}
        cues, codes = tuple(said["cues"]), tuple(said["codes"])
        weights = {
            one.name: torch.from_numpy(onnx.numpy_helper.to_array(one).copy()) for one in model.graph.initializer
        }
        earlier, beside = _members(weights, "before.members"), _members(weights, "further.members")
        before = Committee(earlier, float(said["before_temperature"])) if earlier else None
        network = Committee(_members(weights, "members"), float(said["temperature"]), before)
        if beside:
            network = Extended(network, Committee(beside, float(said["further_temperature"])))
    except Exception as error:  # those of protobuf share no narrower base
        raise ModelError(f"{path}: no training can start from this file: {error}") from error
    if cues != CUES:
        raise ModelError(f"{path} was made for another version's cues, so no training can start from it")
    return network.eval(), codes


def _members(weights: Mapping[str, torch.Tensor], group: str) -> list[TemporalNetwork]:
    """A group's networks. What is the same in several groups a file may hold once, under the name of the first."""
    networks: list[TemporalNetwork] = []
    while f"{group}.{len(networks)}.leave.bias" in weights:
        own = f"{group}.{len(networks)}."
        learned = {name.removeprefix(own): value for name, value in weights.items() if name.startswith(own)}
        names = [field.name for field in fields(Scale)]
        scale = {name: weights.get(f"{group}.0.{name}", weights[f"members.0.{name}"]) for name in names}
        network = TemporalNetwork(Scale(**scale), len(learned["leave.bias"]))
        network.load_state_dict({**scale, **learned})
        networks.append(network.eval())
    return networks


def read_committee(path: Path) -> tuple[Committee, tuple[str, ...]]:
    """The committee alone, and the behaviours that it knows: where further ones stand beside it, they are left out.

    Raises:
        ModelError: as for `read_network`.
    """
    network, codes = read_network(path)
    known = Committee(list(network.networks), network.temperature, network.before).eval()
    return known, codes[: network.networks[0].behaviours]
