"""A network can be made to bear what other renderings do to cues, and what was put beside it stays."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.behaviour.examples import Example
from models.behaviour.exporting import read_network, write_network
from models.behaviour.extending import extend
from models.behaviour.learning import learn
from models.behaviour.measured import Measured
from models.behaviour.shaking import STRONGEST, Shake, drawn, shakes_between
from models.behaviour.steadying import steadied
from models.behaviour.temporal import Committee, Extended
from pipeline.behaviour.cues import CUES
from pipeline.values import Samples
from tests.models.made_up_clips import CODES, SEEN, clip, simulated

EXAMPLES = simulated().examples
HEIGHT = CUES.index("height")


def with_boxes(measured: Measured, boxes: np.ndarray) -> Measured:
    (samples,) = measured.samples
    return replace(measured, samples=(replace(samples, boxes=boxes),))


def in_a_mirror(measured: Measured) -> Measured:
    (samples,) = measured.samples
    x, y, w, h = samples.boxes.T
    assert samples.looks is not None
    looks = replace(
        samples.looks, silhouette=samples.looks.silhouette[:, :, ::-1], change=samples.looks.change[:, :, ::-1]
    )
    reflected = Samples(
        samples.t, np.column_stack([1 - x - w, y, w, h]), samples.seen, samples.inner_motion, samples.sharpness, looks
    )
    return replace(measured, samples=(reflected,))


class TestShakes:
    def test_a_copy_that_is_the_same_shakes_nothing(self) -> None:
        (shake,) = shakes_between([clip(1, 1)], [clip(1, 1)], as_mirrored=False)
        assert shake.cues.shape == (len(EXAMPLES[0].labels), len(CUES))
        assert np.abs(shake.cues).max() == 0
        assert np.abs(shake.embedding).max() == 0

    def test_nor_does_an_exact_mirror(self) -> None:
        (shake,) = shakes_between([clip(1, 1)], [in_a_mirror(clip(1, 1))], as_mirrored=True)
        np.testing.assert_allclose(shake.cues, 0, atol=1e-5)

    def test_a_box_that_is_set_higher_in_the_copy_is_one(self) -> None:
        original = clip(1, 1)
        higher = original.samples[0].boxes * (1, 1, 1, 1.1)
        (shake,) = shakes_between([original], [with_boxes(original, higher)], as_mirrored=False)
        np.testing.assert_allclose(shake.cues[:, HEIGHT], np.log(1.1), atol=1e-5)

    def test_it_knows_what_the_animal_mostly_does(self) -> None:
        resting = replace(clip(1, 1), bouts=(replace(clip(1, 1).bouts[1], start_s=1.0),))
        (shake,) = shakes_between([resting], [clip(1, 1)], as_mirrored=False)
        assert shake.behaviour == "rest"

    @pytest.mark.parametrize("copies", [[], [clip(2, 1)], [replace(clip(1, 1), samples=(), owner=())]])
    def test_without_a_track_in_a_copy_there_is_none(self, copies: list[Measured]) -> None:
        assert shakes_between([clip(1, 1)], copies, as_mirrored=False) == []

    def test_of_an_animal_with_two_tracks_it_is_not_known(self) -> None:
        torn = replace(clip(1, 1), samples=clip(1, 1).samples * 2, owner=clip(1, 1).owner * 2)
        assert shakes_between([clip(1, 1)], [torn], as_mirrored=False) == []


class TestDrawing:
    def test_a_track_of_any_length_is_shaken_throughout(self) -> None:
        shake = Shake("rest", np.ones((7, len(CUES)), np.float32), np.ones((7, SEEN), np.float32))
        for steps in (1, 7, 40):
            cues, embedding = drawn([shake], "rest", steps, np.random.default_rng(steps))
            assert cues.shape == (steps, len(CUES))
            assert embedding.shape == (steps, SEEN)
            assert 0 < np.abs(cues[:, HEIGHT]).min() <= np.abs(cues[:, HEIGHT]).max() <= STRONGEST

    def test_mostly_as_another_that_does_the_same(self) -> None:
        own = Shake("rest", np.ones((7, len(CUES)), np.float32), np.ones((7, SEEN), np.float32))
        others = [replace(own, behaviour="travel", embedding=own.embedding * 0)] * 20
        random = np.random.default_rng(1)
        like_its_own = [np.abs(drawn([*others, own], "rest", 5, random)[1]).max() > 0 for _ in range(200)]
        assert np.mean(like_its_own) == pytest.approx(0.7 + 0.3 / 21, abs=0.1)


@pytest.fixture(scope="module")
def shaken() -> Committee:
    return learn(EXAMPLES, len(CODES), 1, 8)


@pytest.fixture(scope="module")
def shakes() -> list[Shake]:
    """Boxes that tremble, and with them every speed."""
    random = np.random.default_rng(5)
    found = []
    for number in range(12):
        original = clip(1000 + number, number)
        trembling = original.samples[0].boxes + random.normal(0, 0.02, (len(original.samples[0].t), 4))
        found += shakes_between([original], [with_boxes(original, trembling)], as_mirrored=False)
    return found


@pytest.fixture(scope="module")
def steady(shaken: Committee, shakes: list[Shake]) -> Committee:
    return steadied(shaken, EXAMPLES, EXAMPLES[:10], CODES, shakes, 1, 12)


def beliefs(committee: Committee, values: np.ndarray, example: Example) -> np.ndarray:
    with torch.no_grad():
        said, _ = committee(torch.tensor(values[None]), torch.tensor(example.cues.embedding[None]))
    return np.asarray(said[0])


def test_it_says_the_same_of_shaken_tracks_more_often(
    shaken: Committee, steady: Committee, shakes: list[Shake]
) -> None:
    def changed(committee: Committee) -> float:
        shares = []
        for example, shake in zip(EXAMPLES, shakes, strict=False):
            values = example.cues.values
            before, after = (beliefs(committee, one, example) for one in (values, values + shake.cues))
            shares.append(np.abs(before - after).sum(axis=1).mean() / 2)
        return float(np.mean(shares))

    assert changed(steady) < 0.8 * changed(shaken)


def test_it_still_knows_what_it_knew(steady: Committee) -> None:
    right = [beliefs(steady, one.cues.values, one).argmax(axis=1) == one.labels for one in EXAMPLES]
    assert np.mean(np.concatenate(right)) > 0.9


def test_what_was_put_beside_it_stays_as_it_is(shaken: Committee, shakes: list[Shake], tmp_path: Path) -> None:
    wanted = (*CODES, "mating")
    pairs = [mating(one) for one in EXAMPLES[:20]]
    extended = extend(shaken, ["mating"], wanted, [*EXAMPLES, *pairs[:10]], [*EXAMPLES[:10], *pairs[10:]], 1, 30)
    steady = steadied(extended, [*EXAMPLES, *pairs[:10]], [*EXAMPLES[:10], *pairs[10:]], wanted, shakes, 1, 2)
    write_network(steady, wanted, {"rest": 1.0}, SEEN, tmp_path / "steady.onnx")
    read, codes = read_network(tmp_path / "steady.onnx")
    assert isinstance(read, Extended)
    assert codes == wanted
    assert read.before is not None
    for one, before in (
        *zip(read.further.networks, extended.further.networks, strict=True),
        *zip(read.before.networks, extended.networks, strict=True),
    ):
        assert torch.equal(one.leave.weight, before.leave.weight)
    for pair, other in zip(pairs[10:], EXAMPLES[10:20], strict=True):
        assert beliefs(read, pair.cues.values, pair)[:, -1].mean() > 0.5
        assert beliefs(read, other.cues.values, other)[:, -1].mean() < 0.5
        np.testing.assert_allclose(
            beliefs(read, pair.cues.values, pair), beliefs(steady, pair.cues.values, pair), atol=1e-5
        )


def mating(like: Example) -> Example:
    """A pair that nothing else looks like: far into one another."""
    values = like.cues.values.copy()
    values[:, CUES.index("overlap")] = 3.0
    return replace(like, cues=replace(like.cues, values=values), labels=np.full(len(like.labels), len(CODES)))
