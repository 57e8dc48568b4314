from pathlib import Path

import numpy as np
import pytest

from models.registry import weights_path
from pipeline.behaviour.classifier import Scene
from pipeline.behaviour.cues import FAMILIES, LOOK
from pipeline.behaviour.ethogram import UNKNOWN, load_ethogram
from pipeline.behaviour.features import measure
from pipeline.behaviour.network import BehaviourNetwork
from pipeline.errors import ModelError
from pipeline.settings import find_config
from pipeline.tracking.looks import CELLS
from pipeline.values import Array, Looks, Samples
from tests.behaviour.tracks import PICTURE, samples_of

ASPECT = PICTURE[0] / PICTURE[1]
T = np.arange(0, 6, 1 / 6)


@pytest.fixture(scope="module")
def network() -> BehaviourNetwork:
    return BehaviourNetwork(weights_path("behaviour"))


def scene_of(*samples: Samples) -> Scene:
    return Scene(samples, tuple(measure(one, ASPECT) for one in samples), ASPECT)


def passing(speed: float, t: Array = T, lively: float = 0.6) -> Samples:
    """An animal that crosses the picture at so many body lengths a second, its legs moving."""
    n = len(t)
    change = np.zeros((n, CELLS, CELLS))
    change[:, 2:, 1:-1] = lively
    flow = np.zeros((n, CELLS, CELLS, 2))
    flow[:, 2:4, 1:-1, 0] = speed / 1.3
    outline = np.zeros((n, CELLS, CELLS))
    outline[:, 2:5, 1:-1] = 0.9
    looks = Looks(outline, change, flow, np.zeros((n, 0), dtype=np.float16))
    centre = np.column_stack([300 + 240 * speed * (t - t[0]), np.full(n, 600.0)])
    return samples_of(t, centre, (240, 120), looks=looks)


def likeliest(network: BehaviourNetwork, scene: Scene) -> str:
    return network.codes[int(network(scene, 0).mean(axis=0).argmax())]


def test_it_names_exactly_what_the_ethogram_says_is_recognised(network: BehaviourNetwork) -> None:
    ethogram = load_ethogram(find_config("ethogram.yaml"))
    assert set(network.codes) == {behaviour.code for behaviour in ethogram.behaviours if behaviour.recognised}


def test_probabilities_of_a_sample_sum_to_1_whatever_is_known(network: BehaviourNetwork) -> None:
    blind = samples_of(T, np.column_stack([400 + 100 * T, np.full(len(T), 600.0)]), (200, 130))
    for scene in (scene_of(blind), scene_of(passing(0.5), blind), scene_of(passing(0.5, T[:1]))):
        found = network(scene, 0)
        assert found.shape == (len(scene.samples[0].t), len(network.codes))
        np.testing.assert_allclose(found.sum(axis=1), 1)


def test_a_glimpse_is_unknown(network: BehaviourNetwork) -> None:
    assert likeliest(network, scene_of(passing(0.8, T[:4]))) == UNKNOWN


def test_a_scene_and_its_mirror_image_are_the_same_behaviour(network: BehaviourNetwork) -> None:
    there = passing(0.6)
    looks = there.looks
    assert looks is not None
    boxes = there.boxes.copy()
    boxes[:, 0] = 1 - boxes[:, 0] - boxes[:, 2]
    flow = looks.flow[:, :, ::-1] * np.array([-1.0, 1.0])
    turned = Looks(looks.silhouette[:, :, ::-1], looks.change[:, :, ::-1], flow, looks.embedding)
    back = Samples(there.t, boxes, there.seen, there.inner_motion, there.sharpness, turned)
    np.testing.assert_allclose(network(scene_of(there), 0), network(scene_of(back), 0), atol=1e-4)


def test_it_says_how_much_each_family_of_cues_is_worth_to_its_belief(network: BehaviourNetwork) -> None:
    scene = scene_of(passing(0.8))
    grounds = network.grounds(scene, 0)
    assert set(grounds) == {name for name in FAMILIES if name != "quality"} | {LOOK}
    assert all(fall.shape == (len(T), len(network.codes)) for fall in grounds.values())
    named = int(network(scene, 0).mean(axis=0).argmax())
    assert max(float(fall[:, named].mean()) for fall in grounds.values()) > 0
    np.testing.assert_allclose(grounds["pairs"], 0, atol=1e-5)  # it is alone, so nothing is lost without the others


def test_a_file_that_is_no_behaviour_network_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "other.onnx").write_bytes(b"not a network")
    with pytest.raises(ModelError, match=r"other\.onnx"):
        BehaviourNetwork(tmp_path / "other.onnx")
    with pytest.raises(ModelError, match="no behaviour network"):
        BehaviourNetwork(weights_path("kind-head"))
