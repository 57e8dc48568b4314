"""The behaviour network itself: dilated convolutions over time, on a track's cues and what its crops look like.

After Lea et al. 2017 (temporal convolutional networks for action segmentation and detection, CVPR), much smaller.
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn

WIDTH = 64  # channels
LOOK = 24  # what the species network's features are reduced to, by principal components of the training crops
SPAN = 64  # principal components of the training crops within which most of a familiar crop's features lie
FAR = 0.07  # share of the limit beyond which a track is a stranger's: real ones lie there, simulated ones hardly ever
SUDDENNESS = 0.02  # share of the limit over which a look turns from familiar to strange
HEARD_FROM, HEARD_SOFTNESS = 0.8, 0.02  # belief in further behaviours from which it counts, over which it begins to
DILATIONS = (1, 2, 4, 8)  # with a kernel of 3 a step sees 15 steps each way: 2.5 s


@dataclass(frozen=True, slots=True)
class Scale:
    """How inputs are brought to mean 0 and spread 1."""

    cue_mean: Tensor  # (d,)
    cue_spread: Tensor  # (d,)
    look_mean: Tensor  # (e,)
    components: Tensor  # (e, LOOK), scaled so that what comes out has spread 1
    span: Tensor  # (e, SPAN) directions in which the training crops differ from their mean, of length 1
    strange_from: Tensor  # () share of a track's features beside the span from which its looks are strange


class TemporalNetwork(nn.Module):
    """Gives the logits of each behaviour at each step."""

    cue_mean: Tensor
    cue_spread: Tensor
    look_mean: Tensor
    components: Tensor
    span: Tensor
    strange_from: Tensor

    def __init__(self, scale: Scale, behaviours: int) -> None:
        super().__init__()
        self.register_buffer("cue_mean", scale.cue_mean)
        self.register_buffer("cue_spread", scale.cue_spread)
        self.register_buffer("look_mean", scale.look_mean)
        self.register_buffer("components", scale.components)
        self.register_buffer("span", scale.span)
        self.register_buffer("strange_from", scale.strange_from)
        self.enter_cues = nn.Linear(len(scale.cue_mean), WIDTH)
        self.enter_look = nn.Linear(LOOK, WIDTH)
        self.blocks = nn.ModuleList(_Block(dilation) for dilation in DILATIONS)
        self.leave = nn.Conv1d(WIDTH, behaviours, 1)
        self.drop = nn.Dropout(0.3)

    @property
    def behaviours(self) -> int:
        """How many it tells apart."""
        return self.leave.out_channels

    @property
    def scale(self) -> Scale:
        """How its inputs are scaled."""
        return Scale(**{field.name: getattr(self, field.name) for field in fields(Scale)})

    def look(self, embedding: Tensor) -> Tensor:
        """(b, n, e) features of crops to (b, n, LOOK); 0 where there are none, and for tracks that look strange.

        What an animal looks like says something of what it does only where animals that were learned from looked
        alike. The simulated ones' crops lie close to `SPAN` directions; real ones lie farther off.
        """
        known = (embedding.abs().sum(dim=2, keepdim=True) > 0).float()
        reduced: Tensor = ((embedding - self.look_mean) @ self.components).clamp(-4, 4) * known
        return reduced * self.familiar(embedding)[:, None, None]

    def familiar(self, embedding: Tensor, beyond: float = 0.0) -> Tensor:
        """From (b, n, e) features of crops, (b,): 1 where a track looks like those learned from, else 0.

        Args:
            embedding: features, 0 where no crop was looked at.
            beyond: how far beyond the limit, as a share of it, looks still count as familiar.
        """
        beside = share_beside(embedding, self.look_mean, self.span)
        return torch.sigmoid(((1 + beyond) * self.strange_from - beside) / (SUDDENNESS * self.strange_from))

    def forward(self, cues: Tensor, look: Tensor) -> Tensor:
        """(b, n, d) cues and (b, n, LOOK) reduced looks to (b, n, behaviours) logits."""
        scaled = ((cues - self.cue_mean) / self.cue_spread).clamp(-6, 6)
        hidden = self.enter_cues(scaled) + self.enter_look(self.drop(look))
        hidden = self.drop(torch.relu(hidden)).transpose(1, 2)
        for block in self.blocks:
            hidden = block(hidden)
        logits: Tensor = self.leave(self.drop(hidden)).transpose(1, 2)
        return logits


def share_beside(embedding: Tensor, mean: Tensor, span: Tensor) -> Tensor:
    """(b, n, e) features of crops to (b,): how far tracks lie from a span, as a share of how far from its middle, 0..1.

    Args:
        embedding: 0 where no crop was looked at.
        mean: (e,) the span's middle.
        span: (e, k) its directions, orthonormal.
    """
    known = (embedding.abs().sum(dim=2) > 0).float()
    away = embedding - mean
    squared = (away**2).sum(dim=2)
    beside = (squared - ((away @ span) ** 2).sum(dim=2)).clamp(min=0).sqrt()
    return (beside * known).sum(dim=1) / (squared.sqrt() * known).sum(dim=1).clamp(min=1e-6)


class _Block(nn.Module):
    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.wide = nn.Conv1d(WIDTH, WIDTH, 3, padding=dilation, dilation=dilation)
        self.narrow = nn.Conv1d(WIDTH, WIDTH, 1)
        self.norm = nn.GroupNorm(1, WIDTH)
        self.drop = nn.Dropout(0.2)

    def forward(self, hidden: Tensor) -> Tensor:
        """(b, WIDTH, n) to the same."""
        step: Tensor = self.narrow(torch.relu(self.norm(self.wide(hidden))))
        dropped: Tensor = self.drop(step)
        return hidden + dropped


class Committee(nn.Module):
    """Several networks asked together, and their belief made calibrated: what is exported."""

    def __init__(self, members: list[TemporalNetwork], temperature: float, before: "Committee | None" = None) -> None:
        """Ask them together.

        Args:
            members: with the same scale.
            temperature: what their logits are divided by.
            before: what is asked of tracks whose looks are strange instead, with the same scale and outputs.
        """
        super().__init__()
        self.members = nn.ModuleList(members)
        self.networks = tuple(members)
        self.temperature = temperature
        self.before = before

    def logits(self, cues: Tensor, look: Tensor) -> Tensor:
        """(b, n, d) cues and (b, n, LOOK) reduced looks to (b, n, behaviours): the members' mean."""
        return torch.stack([member(cues, look) for member in self.members]).mean(dim=0)

    def forward(self, cues: Tensor, embedding: Tensor) -> tuple[Tensor, Tensor]:
        """(b, n, d) cues and (b, n, e) features to (b, n, behaviours) probabilities, and (b,): 0 if a stranger's."""
        first = self.networks[0]
        beliefs = torch.softmax(self.logits(cues, first.look(embedding)) / self.temperature, dim=2)
        if self.before is not None:
            beliefs = torch.lerp(self.before(cues, embedding)[0], beliefs, first.familiar(embedding)[:, None, None])
        return beliefs, first.familiar(embedding, FAR)


class Extended(Committee):
    """A committee, and networks beside it that tell further behaviours from all that it knows: what is exported.

    The committee's beliefs share out what the others leave. So that what it learned stays, these are heard only
    where they are quite sure, and never of strangers: in real animals they saw what is not there.
    """

    def __init__(self, known: Committee, further: Committee) -> None:
        """Ask both together.

        Args:
            known: the committee, calibrated.
            further: likewise, with the same scale; its first output means none of the further behaviours.
        """
        super().__init__(list(known.networks), known.temperature, known.before)
        self.further = further

    def forward(self, cues: Tensor, embedding: Tensor) -> tuple[Tensor, Tensor]:
        """As a committee's, with a column for each further behaviour after the others."""
        known, familiar = super().forward(cues, embedding)
        beliefs, _ = self.further(cues, embedding)
        further = beliefs[:, :, 1:] * familiar[:, None, None]
        further = further * torch.sigmoid((further.sum(dim=2, keepdim=True) - HEARD_FROM) / HEARD_SOFTNESS)
        return torch.cat([known * (1 - further.sum(dim=2, keepdim=True)), further], dim=2), familiar
