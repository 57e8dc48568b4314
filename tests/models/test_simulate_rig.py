"""The simulated animals' rig: that the body does what poses ask.

It loads MuJoCo, whose renderer and torch crash one another, hence a child process.
"""

import importlib.util
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pytest

from models.simulate.act import Individual, Stage, Trunk, act
from models.simulate.camera import Camera
from models.simulate.pose import LEGS
from models.simulate.renderer import choose_renderer
from models.simulate.species import SHAPES, size_of, stands

STAGE = Stage(Camera(), trunks=(Trunk(0.3, 3.6, 0.14),))

needs_rig = pytest.mark.skipif(importlib.util.find_spec("dm_control") is None, reason="needs ethotrap[simulate]")


def in_child(work: Any, *arguments: Any) -> Any:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def measure_bodies() -> dict[str, Any]:
    choose_renderer()
    from models.simulate.body import TRUNK, load_body, read_skin
    from models.simulate.coat import coat
    from models.simulate.rig import stance

    found: dict[str, Any] = {}
    for species in SHAPES:
        model = load_body(Camera(), Individual("one", species, 1, size=0.7), 64, 64)
        found[species] = (stance(model).trunk, stance(model).paws)
    for girth in (0.8, 1.25):
        skin = read_skin(load_body(Camera(), Individual("one", "leopard", 1, girth=girth), 64, 64))
        belly = skin.vertices[skin.of(*TRUNK) & (np.abs(skin.vertices[:, 0] + 0.2) < 0.02)]
        found[f"girth {girth}"] = np.ptp(belly[:, 1])
    whole = read_skin(load_body(Camera(), Individual("one", "leopard", 1), 64, 64))
    bare = read_skin(load_body(Camera(), Individual("one", "leopard", 1, tail=0.0), 64, 64))
    found["lost"] = float(bare.vertices[:, 0].min() - whole.vertices[:, 0].min())
    painted = {(species, seed): coat(whole, 128, 128, species, seed) for species in SHAPES for seed in (1, 2)}
    found["coats"] = painted
    pixels = (whole.texture * 127).astype(int) % 128
    found["flanks"] = painted["leopard", 1][pixels[:, 1], pixels[:, 0]].mean(axis=1), whole.vertices
    return found


@pytest.fixture(scope="module")
def bodies() -> dict[str, Any]:
    found: dict[str, Any] = in_child(measure_bodies)
    return found


@needs_rig
@pytest.mark.parametrize("species", SHAPES)
def test_a_pose_knows_where_the_body_stands_without_loading_it(bodies: dict[str, Any], species: Any) -> None:
    trunk, paws = bodies[species]
    known = stands(Individual("one", species, 1, size=0.7))
    assert known.trunk[2] == pytest.approx(trunk[2], abs=0.003)
    assert known.paws[:, :2] == pytest.approx(paws[:, :2] - trunk[:2], abs=0.004)
    assert known.paws[:, 2] == pytest.approx(paws[:, 2], abs=0.03)


@needs_rig
def test_girth_widens_the_trunk_by_its_factor_and_a_lost_tail_is_gone(bodies: dict[str, Any]) -> None:
    assert bodies["girth 1.25"] / bodies["girth 0.8"] == pytest.approx(1.25 / 0.8, rel=0.03)
    assert bodies["lost"] > 0.3


@needs_rig
def test_coats_differ_between_individuals_species_and_flanks(bodies: dict[str, Any]) -> None:
    coats = bodies["coats"]
    for species in ("leopard", "tiger"):
        assert np.abs(coats[species, 1] - coats[species, 2]).mean() > 0.01
    assert np.abs(coats["leopard", 1] - coats["tiger", 1]).mean() > 0.03
    shades, vertices = bodies["flanks"]
    left = np.flatnonzero((vertices[:, 1] > 0.06) & (vertices[:, 2] > 0.35))
    across = np.linalg.norm(vertices[left][:, None, [0, 2]] - vertices[None, :, [0, 2]], axis=2)
    across[:, vertices[:, 1] > 0] = np.inf
    mirrored = across.argmin(axis=1)
    assert np.abs(shades[left] - shades[mirrored]).mean() > 0.02


def measure_motion(behaviour: str, seed: int) -> dict[str, float]:
    choose_renderer()
    import mujoco

    from models.simulate.body import load_body
    from models.simulate.rig import paw, take_pose

    lowest, fastest, misses = np.inf, 0.0, []
    for part in act(behaviour, seed, 3.0, STAGE):
        model = load_body(Camera(), part.individual, 64, 64)
        data = mujoco.MjData(model)
        before = None
        for pose in filter(None, map(part.poses, np.arange(0, 3.0, 1 / 30))):
            take_pose(model, data, pose)
            bent = np.array(data.qpos[7:])
            fastest = max(fastest, 0.0 if before is None else float(np.abs(bent - before).max()))
            before = bent
            lowest = min(lowest, float(data.xpos[1:-1, 2].min()) / size_of(part.individual))
            reached = np.array([data.body(paw(leg)).xpos for leg in LEGS])
            misses.append(float(np.linalg.norm(reached - pose.paws, axis=1).min()))
    return {"lowest": lowest, "fastest": fastest, "miss": float(np.median(misses))}


@needs_rig
@pytest.mark.parametrize(
    ("behaviour", "seed"),
    [
        *(("travel", 1), ("rest", 1), ("spray", 1), ("claw", 1), ("play", 1), ("feed", 5), ("feed", 6), ("feed", 7)),
        *(("groom_other", 2), ("groom_other", 4), ("groom_other", 9), ("mating", 1), ("mating", 6)),
    ],
)
def test_no_joint_jumps_and_no_bone_sinks_into_the_ground(behaviour: str, seed: int) -> None:
    measured = in_child(measure_motion, behaviour, seed)  # the three that feed are deer
    assert measured["fastest"] < (1.4 if behaviour == "play" else 0.95)  # radians in a thirtieth of a second
    assert measured["lowest"] > -0.05  # of the size-1 animal's metres


@needs_rig
def test_the_paws_of_a_walking_animal_are_where_its_gait_wants_them() -> None:
    assert in_child(measure_motion, "travel", 2)["miss"] < 0.01  # metres


def measure_necks() -> float:
    choose_renderer()
    import mujoco

    from models.simulate.body import load_body
    from models.simulate.neck import place_of
    from models.simulate.rig import take_pose

    farthest = 0.0
    for species in ("leopard", "tiger"):
        for behaviour in ("groom", "rest", "feed"):
            one = Individual("one", species, 1, size=0.8)
            part = act(behaviour, 4, 3.0, STAGE, (one,))[0]
            model = load_body(Camera(), one, 64, 64)
            data = mujoco.MjData(model)
            for pose in filter(None, map(part.poses, (0.3, 1.3, 2.3))):
                take_pose(model, data, pose)
                for bone in ("torso", "C_7", "C_3", "skull"):
                    there = place_of(pose, one, (bone, (0.0, 0.0, 0.0)))
                    farthest = max(farthest, float(np.linalg.norm(there - data.body(bone).xpos)))
    return farthest


@needs_rig
def test_a_pose_knows_where_the_neck_and_the_head_are_without_loading_the_body() -> None:
    assert in_child(measure_necks) < 0.001  # metres
