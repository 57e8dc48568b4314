"""Deer in the simulated trap that nobody hunts: how often they come, and what they do."""

import numpy as np
import pytest

from models.simulate.act import Individual, Part, Stage, Trunk, act
from models.simulate.camera import Camera
from models.simulate.motions.grazing import graze
from models.simulate.motions.staging import SHARE_OF_DEER
from models.simulate.pose import Pose
from models.simulate.posture import NECK_JOINTS
from models.simulate.species import size_of

STAGE = Stage(Camera(), trunks=(Trunk(0.3, 3.6, 0.14),))
SECONDS = 8.0
CAT = Individual("cat", "leopard", 1)


def pose_at(part: Part, second: float) -> Pose:
    pose = part.poses(second)
    assert pose is not None
    return pose


def neck_down(part: Part, second: float) -> float:
    """Radians by which the neck leads down, the trunk's slope included."""
    pose = pose_at(part, second)
    return sum(pose.joints.get(f"{joint}_extend", 0.0) for joint in NECK_JOINTS) - pose.pitch


@pytest.mark.parametrize("behaviour", SHARE_OF_DEER)
def test_deer_come_as_often_as_they_are_said_to(behaviour: str) -> None:
    species = [act(behaviour, seed, 4.0, STAGE)[0].individual.species for seed in range(200)]
    assert species.count("deer") / 200 == pytest.approx(SHARE_OF_DEER[behaviour], abs=0.1)
    assert {"deer", "leopard", "tiger"} == set(species)


@pytest.mark.parametrize("behaviour", SHARE_OF_DEER)
def test_no_deer_takes_the_place_of_an_individual_that_was_asked_for(behaviour: str) -> None:
    for seed in range(20):
        assert act(behaviour, seed, 4.0, STAGE, (CAT,))[0].individual == CAT


def test_only_deer_graze_and_browse_and_no_deer_tears_at_a_carcass() -> None:
    for seed in range(40):
        one = act("feed", seed, SECONDS, STAGE)[0]
        feeds = {stretch.sub_behaviour for stretch in one.behaviours if stretch.behaviour == "feed"}
        assert (feeds <= {"grazes", "browses"}) == (one.individual.species == "deer")


@pytest.mark.parametrize("seed", range(12))
def test_a_grazing_deer_has_its_head_down_and_lifts_it_to_look_about(seed: int) -> None:
    for part in graze(seed, SECONDS, STAGE):
        watched = [stretch for stretch in part.behaviours if stretch.behaviour == "vigilance"]
        for stretch in watched:
            middle = neck_down(part, (stretch.start_s + stretch.end_s) / 2)
            before = neck_down(part, stretch.start_s - 0.5) if stretch.start_s > 0.5 else np.inf
            assert middle < before - 0.25
        if part.behaviours[0].sub_behaviour == "grazes":
            assert neck_down(part, 0.1) > 1.2


@pytest.mark.parametrize("seed", range(12))
def test_a_feeding_deer_takes_small_steps_and_stays(seed: int) -> None:
    for part in graze(seed, SECONDS, STAGE):
        places = np.array([pose_at(part, second).position[:2] for second in np.arange(0, SECONDS, 0.1)])
        gone = np.linalg.norm(places - places[0], axis=1).max()
        assert 0.03 < gone < 1.8 * size_of(part.individual)


def test_some_graze_alone_and_some_in_twos_apart_from_each_other() -> None:
    casts = [graze(seed, SECONDS, STAGE) for seed in range(40)]
    assert {len(parts) for parts in casts} == {1, 2}
    for parts in casts:
        if len(parts) == 2:
            first, second = (np.array(pose_at(part, 0.0).position) for part in parts)
            assert np.linalg.norm(first - second) > 0.8


def test_a_watchful_deer_stands() -> None:
    for seed in range(60):
        part = act("vigilance", seed, SECONDS, STAGE)[0]
        if part.individual.species == "deer":
            forms = {stretch.sub_behaviour for stretch in part.behaviours if stretch.behaviour == "vigilance"}
            assert forms == {"standing, looking about"}
