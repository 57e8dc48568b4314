"""Let an earlier network go on naming animals that look like none that a newer one learned from."""

from collections.abc import Sequence

import torch

from models.behaviour.temporal import Committee, TemporalNetwork

NEVER = -30.0  # logit of what it does not know


def naming_strangers(network: Committee, codes: Sequence[str], wanted: Sequence[str]) -> Committee:
    """What names strangers in a network, with its outputs in another order.

    Args:
        network: as `models.behaviour.exporting.read_network` gives it; what stands beside it is not heard of strangers.
        codes: what its outputs mean, those beside it last.
        wanted: behaviours, in the order of the outputs wanted; what it does not know it never names.

    Raises:
        ValueError: it names a behaviour that is not wanted.
    """
    asked = network if network.before is None else network.before
    known = codes[: asked.networks[0].behaviours]
    if missing := set(known) - set(wanted):
        raise ValueError(f"strangers are named {', '.join(sorted(missing))}, which the new network does not know")
    places = [known.index(code) if code in known else None for code in wanted]
    return Committee([_with_outputs(one, places) for one in asked.networks], asked.temperature).eval()


def _with_outputs(network: TemporalNetwork, places: Sequence[int | None]) -> TemporalNetwork:
    wider = TemporalNetwork(network.scale, len(places))
    weights = network.state_dict()
    leave = weights["leave.weight"]
    weights["leave.weight"] = torch.stack([torch.zeros_like(leave[0]) if at is None else leave[at] for at in places])
    never = torch.tensor(NEVER)
    weights["leave.bias"] = torch.stack([never if at is None else weights["leave.bias"][at] for at in places])
    wider.load_state_dict(weights)
    return wider.eval()
