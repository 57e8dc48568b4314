"""What an animal looks like is used only where it looks as those that the network learned from."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.behaviour.examples import Example
from models.behaviour.exporting import write_network
from models.behaviour.learning import FAMILIAR, scale_of
from models.behaviour.temporal import LOOK, SPAN, Committee, Extended, TemporalNetwork, share_beside
from pipeline.behaviour.cues import CUES, RATE_HZ, Cues
from pipeline.behaviour.ethogram import UNKNOWN

SIZE = 120  # of the species network's features, here
STEPS = 8
INSIDE = SPAN - 20  # features in which the looks to learn from differ


def tracks(count: int, seed: int, beside: float = 1.0, first: int = 0) -> list[Example]:
    """Tracks whose looks differ in INSIDE features from `first` on, and by `beside` as much in all others."""
    random = np.random.default_rng(seed)
    strength = np.full(SIZE, beside)
    strength[np.arange(first, first + INSIDE) % SIZE] = 3.0
    found = []
    for number in range(count):
        looks = 5 + strength * (random.normal(0, 1, SIZE) + random.normal(0, 0.3, (STEPS, SIZE)))
        cues = random.normal(0, 1, (STEPS, len(CUES))).astype(np.float32)
        labels = np.zeros(STEPS, dtype=np.int64)
        own = Cues(np.arange(STEPS) / RATE_HZ, cues, looks.astype(np.float32))
        found.append(Example(f"clip {number}", number, "day", 15.0, own, labels))
    return found


def looked_at(network: TemporalNetwork, examples: list[Example]) -> np.ndarray:
    """(n,) how strongly each track's looks reach the network."""
    with torch.no_grad():
        return np.array([float(network.look(torch.tensor(e.cues.embedding[None])).abs().max()) for e in examples])


@given(seed=st.integers(0, 10_000), scale=st.floats(0.1, 30))
def test_the_share_beside_a_span_is_0_within_it_1_across_it_and_does_not_hang_on_size(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    axes = torch.tensor(np.linalg.qr(random.normal(0, 1, (SIZE, 10)))[0], dtype=torch.float32)
    middle = torch.tensor(random.normal(0, 1, SIZE), dtype=torch.float32)
    span, across = axes[:, :5], axes[:, 5:]
    weights = torch.tensor(random.uniform(0.5, 1, (1, STEPS, 5)), dtype=torch.float32)
    within, beyond = middle + scale * weights @ span.T, middle + scale * weights @ across.T
    assert float(share_beside(within, middle, span)) == pytest.approx(0, abs=0.02)
    assert float(share_beside(beyond, middle, span)) == pytest.approx(1, abs=0.02)
    halfway = float(share_beside(middle + scale * weights @ (span + across).T, middle, span))
    assert halfway == pytest.approx(0.5**0.5, abs=0.02)


def test_a_track_that_nobody_looked_at_is_not_strange() -> None:
    nothing = torch.zeros(1, STEPS, SIZE)
    scale = scale_of(tracks(200, 1))
    assert float(share_beside(nothing, scale.look_mean, scale.span)) == 0
    assert float(TemporalNetwork(scale, 3).look(nothing).abs().max()) == 0


def test_looks_like_those_that_were_learned_from_count_and_others_do_not() -> None:
    network = TemporalNetwork(scale_of(tracks(400, 1)), 3)
    alike, strange = looked_at(network, tracks(60, 2)), looked_at(network, tracks(60, 3, first=INSIDE))
    assert (alike > 0.5).mean() > 0.9
    assert strange.max() < 0.01


def test_the_file_says_of_each_track_whether_it_looks_familiar(tmp_path: Path) -> None:
    committee = Committee([TemporalNetwork(scale_of(tracks(400, 1)), 3)], 1.0).eval()
    write_network(committee, ("rest", "play", UNKNOWN), {}, SIZE, tmp_path / "network.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "network.onnx"))
    for others, expected in ((tracks(20, 2), 0.95), (tracks(20, 3, first=INSIDE), 0.0)):
        cues, looks = np.stack([one.cues.values for one in others]), np.stack([one.cues.embedding for one in others])
        (familiar,) = session.run(["familiar"], {"cues": cues, "embedding": looks})
        assert familiar.shape == (20,)
        assert familiar.mean() == pytest.approx(expected, abs=0.1)


def test_of_strangers_nothing_is_heard_of_behaviours_that_were_learned_beside_the_others() -> None:
    scale = scale_of(tracks(400, 1))
    known = Committee([TemporalNetwork(scale, 3)], 1.0)
    sure = TemporalNetwork(scale, 2)
    torch.nn.init.zeros_(sure.leave.weight)
    sure.leave.bias.data = torch.tensor([-5.0, 5.0])
    extended = Extended(known, Committee([sure], 1.0)).eval()
    for others, least, most in ((tracks(20, 2), 0.8, 1.0), (tracks(20, 3, first=INSIDE), 0.0, 0.01)):
        cues, looks = np.stack([one.cues.values for one in others]), np.stack([one.cues.embedding for one in others])
        with torch.no_grad():
            beliefs, _ = extended(torch.tensor(cues), torch.tensor(looks))
        assert beliefs.shape == (20, STEPS, 4)
        assert least <= float(beliefs[:, :, 3].mean()) <= most


def test_strangers_are_asked_of_what_the_committee_was_before_and_others_are_not() -> None:
    scale = scale_of(tracks(400, 1))
    now, before = Committee([TemporalNetwork(scale, 3)], 1.0).eval(), Committee([TemporalNetwork(scale, 3)], 1.5).eval()
    both = Committee(list(now.networks), 1.0, before).eval()
    for others, expected in ((tracks(20, 2), now), (tracks(20, 3, first=INSIDE), before)):
        looks = torch.tensor(np.stack([one.cues.embedding for one in others]))
        cues = torch.tensor(np.stack([one.cues.values for one in others]))
        with torch.no_grad():
            apart = (both(cues, looks)[0] - expected(cues, looks)[0]).abs().amax(dim=(1, 2))
        assert (apart < 0.01).float().mean() > 0.9


def test_nearly_all_tracks_of_other_cameras_are_familiar() -> None:
    scale = scale_of(tracks(600, 1))
    looks = (torch.tensor(one.cues.embedding[None]) for one in tracks(300, 2))
    beside = np.array([float(share_beside(look, scale.look_mean, scale.span)) for look in looks])
    assert FAMILIAR - 0.03 < (beside < float(scale.strange_from)).mean() < 1


def test_tracks_that_were_kept_reduced_do_not_make_all_others_strange() -> None:
    learned = tracks(300, 1)
    scale = scale_of(learned)
    back = np.linalg.pinv(scale.components.numpy())
    reduced = []
    for one in tracks(900, 4):
        looks = (one.cues.embedding - scale.look_mean.numpy()) @ scale.components.numpy() @ back
        cues = Cues(one.cues.t, one.cues.values, (looks + scale.look_mean.numpy()).astype(np.float32))
        reduced.append(Example(one.clip, one.camera, one.light, one.fps, cues, one.labels))
    assert scale.components.shape == (SIZE, LOOK)
    network = TemporalNetwork(scale_of(learned + reduced), 3)
    assert (looked_at(network, learned) > 0.3).mean() > 0.8
    assert (looked_at(network, reduced) > 0.3).mean() > 0.95
