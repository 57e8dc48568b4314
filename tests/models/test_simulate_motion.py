"""The simulated animals: what they do, and that what is declared about it is so."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.simulate.act import BEHAVIOURS, NEEDS_TRUNK, Individual, Part, Stage, Trunk, act
from models.simulate.camera import Camera
from models.simulate.performance import Performance
from models.simulate.pose import LEGS, Pose
from models.simulate.posture import Posture, ease, head, rear_up, timeline
from models.simulate.species import size_of, stands
from models.simulate.strides import GALLOP, TROT, WALK, Go, Stay, lame, path_through, plan, stride_rate

STAGE = Stage(Camera(), trunks=(Trunk(0.3, 3.6, 0.14),))
SECONDS = 6.0
ETHOGRAM = Path(__file__).parents[2] / "configs" / "ethogram.yaml"


def poses_of(part: Part, seconds: float = SECONDS, hertz: int = 30) -> list[Pose]:
    found = [part.poses(second) for second in np.arange(0, seconds, 1 / hertz)]
    return [pose for pose in found if pose is not None]


def planted(performance: Performance, leg: int, start: float, end: float, hertz: int = 300) -> NDArray[np.bool_]:
    rest = stands(performance.individual).paws[:, :2]
    course = performance.courses[0]
    heights = [course.at(second, rest).paws[leg, 2] for second in np.arange(start, end, 1 / hertz)]
    return np.array(heights) < min(heights) + 1e-9


def runs(flags: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where whole runs of True begin and end."""
    change = np.diff(flags.astype(int))
    begins, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    ends = ends[ends > begins[0]]
    return begins[: len(ends)], ends


def walker(individual: Individual, speed: float) -> Performance:
    path = path_through([(-4, 3), (0, 3.1), (4, 3)])
    gait = lame(WALK, individual)
    return Performance(individual, [plan(path, gait, size_of(individual), [Go(7.5, speed)], moving_in=True)])


# Who appears and what is said about it.


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("seconds", [2.5, 9.0])
def test_what_an_animal_does_covers_the_scene_in_order(behaviour: str, seconds: float) -> None:
    codes = {entry["code"] for entry in yaml.safe_load(ETHOGRAM.read_text(encoding="utf-8"))["behaviours"]}
    for seed in range(6):
        parts = act(behaviour, seed, seconds, STAGE)
        assert behaviour in {stretch.behaviour for stretch in parts[0].behaviours}
        for part in parts:
            assert part.behaviours[0].start_s == 0
            assert part.behaviours[-1].end_s == seconds
            for before, after in pairwise(part.behaviours):
                assert before.start_s < before.end_s == after.start_s
            assert {stretch.behaviour for stretch in part.behaviours} <= codes
            for contact in part.contacts:
                assert 0 <= contact.start_s < contact.end_s <= seconds


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_the_same_seed_gives_the_same_poses_and_another_seed_others(behaviour: str) -> None:
    def flat(seed: int) -> list[float]:
        return [value for pose in poses_of(act(behaviour, seed, 3.0, STAGE)[0], 3.0, 5) for value in pose.paws.ravel()]

    assert flat(3) == flat(3)
    assert flat(3) != flat(4)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_nobody_jumps_from_one_frame_to_the_next(behaviour: str) -> None:
    for seed in (0, 1, 2):
        for part in act(behaviour, seed, SECONDS, STAGE):
            poses = poses_of(part, hertz=60)
            for before, after in pairwise(poses):
                assert np.linalg.norm(np.subtract(after.position, before.position)) < 6 / 60  # metres
                assert np.linalg.norm(after.paws - before.paws, axis=1).max() < 18 / 60
                turned = (after.heading - before.heading + np.pi) % (2 * np.pi) - np.pi
                assert max(abs(turned), abs(after.roll - before.roll), abs(after.pitch - before.pitch)) < 12 / 60
                names = before.joints.keys() | after.joints.keys()
                bends = [abs(after.joints.get(name, 0) - before.joints.get(name, 0)) for name in names]
                assert max(bends) < 12 / 60  # radians


def test_the_cast_replaces_the_animals_that_the_seed_would_choose() -> None:
    mine = Individual("Vesna", "leopard", 11, size=0.9)
    (part, *_) = act("travel", 5, SECONDS, STAGE, (mine,))
    assert part.individual == mine


def test_an_unknown_behaviour_and_a_missing_trunk_are_said_in_words() -> None:
    with pytest.raises(ValueError, match="no motion for the behaviour 'agonistic'"):
        act("agonistic", 1, SECONDS, STAGE)
    for behaviour in NEEDS_TRUNK:
        with pytest.raises(ValueError, match="needs a trunk"):
            act(behaviour, 1, SECONDS, Stage(Camera()))


# Gaits.


@pytest.mark.parametrize("seed", range(8))
def test_the_stride_frequency_of_a_passing_animal_is_the_declared_one(seed: int) -> None:
    (part,) = act("travel", seed, SECONDS, STAGE)
    times = np.arange(0.5, 5.0, 1 / 400)
    poses = [part.poses(second) for second in times]
    heights = np.array([pose.paws[0, 2] for pose in poses if pose is not None])
    begins, _ = runs(heights < heights.min() + 1e-9)
    assert len(begins) > 2
    assert 400 / np.diff(begins).mean() == pytest.approx(part.stride_hz, rel=0.02)


@settings(max_examples=12)
@given(
    limp=st.floats(0.05, 0.4),
    leg=st.integers(0, 3),
    speed=st.floats(0.5, 0.95),
    size=st.floats(0.6, 1.1),
)
def test_a_limp_is_the_asymmetry_of_stance_times_and_of_step_intervals(
    limp: float, leg: int, speed: float, size: float
) -> None:
    walk = walker(Individual("one", "leopard", 1, size=size, limp=limp, lame_leg=LEGS[leg]), speed)
    downs, lasts = [], []
    for number in (leg, leg ^ 1):
        begins, ends = runs(planted(walk, number, 1.0, 5.0))
        downs.append(begins)
        lasts.append((ends - begins).mean())
    stride = np.diff(downs[0]).mean()
    assert lasts[0] < lasts[1]
    assert (lasts[1] - lasts[0]) / (lasts[0] + lasts[1]) == pytest.approx(limp, abs=0.02)
    step = (downs[1][downs[1] > downs[0][0]][0] - downs[0][0]) / stride
    assert abs(2 * step - 1) == pytest.approx(limp, abs=0.04)


@settings(max_examples=12)
@given(
    bends=st.lists(st.floats(-0.4, 0.4), min_size=3, max_size=5),
    speed=st.floats(0.4, 1.0),
    gait=st.sampled_from([WALK, TROT]),
)
def test_a_planted_paw_stays_where_it_is_on_any_path(bends: list[float], speed: float, gait: Any) -> None:
    one = Individual("one", "leopard", 1)
    path = path_through([(number * 1.0, 3 + bend) for number, bend in enumerate(bends)])
    performance = Performance(one, [plan(path, gait, 1.0, [Go(path.length * 0.6, speed), Stay(1.0), Go(0.5, speed)])])
    times = np.arange(0.0, 5.0, 1 / 60)
    paws = np.array([performance(second).paws for second in times])
    for leg in range(4):
        still = paws[:, leg, 2] < paws[:, leg, 2].min() + 1e-9
        together = np.flatnonzero(still[1:] & still[:-1])
        moved = np.linalg.norm(np.diff(paws[:, leg, :2], axis=0)[together], axis=1)
        assert np.median(moved) < 1e-9
        assert moved.max() < 0.03  # metres: the one frame in which it lands, or a foot set down as it stops


@given(speed=st.floats(0.3, 5.0), size=st.floats(0.4, 1.4))
def test_stride_length_and_rate_make_up_the_speed(speed: float, size: float) -> None:
    course = plan(path_through([(0, 3), (30, 3)]), GALLOP, size, [Go(10, speed)], moving_in=True, moving_out=True)
    gone = np.interp([0.2, 0.9], course.t, course.gone)
    strides = np.interp([0.2, 0.9], course.t, course.phase)
    assert np.diff(gone)[0] / 0.7 == pytest.approx(speed, rel=1e-3)
    assert np.diff(strides)[0] / 0.7 == pytest.approx(stride_rate(GALLOP, speed, size), rel=1e-3)


# Postures.


@given(share=st.floats(0, 1), angle=st.floats(-1, 1))
def test_postures_add_up_and_scale(share: float, angle: float) -> None:
    sum_of_both = head(down=angle).times(share) + head(down=angle).times(1 - share)
    for name, value in head(down=angle).joints.items():
        assert sum_of_both.joints[name] == pytest.approx(value)
    assert rear_up(angle).times(0).up == 0


@given(second=st.floats(-1, 4))
def test_a_timeline_stays_between_its_keys(second: float) -> None:
    at = timeline([(0, Posture()), (1, Posture(up=0.2)), (2, Posture(up=0.2)), (3, Posture())])
    assert 0 <= at(second).up <= 0.2 + 1e-12
    assert at(1.5).up == pytest.approx(0.2)
    assert ease(0.5) == 0.5


# What a biologist would look for.


def middle_of(part: Part, behaviour: str) -> float:
    stretch = next(stretch for stretch in part.behaviours if stretch.behaviour == behaviour)
    return (stretch.start_s + stretch.end_s) / 2


def tail_of(pose: Pose) -> float:
    return sum(angle for name, angle in pose.joints.items() if name.startswith("Ca_") and name.endswith("extend"))


@pytest.mark.parametrize("seed", range(5))
def test_spraying_turns_the_rear_to_the_trunk_and_raises_the_tail(seed: int) -> None:
    (part,) = act("spray", seed, 9.0, STAGE)
    pose = part.poses(middle_of(part, "spray"))
    assert pose is not None
    size, trunk = size_of(part.individual), STAGE.trunks[0]
    ahead = np.array([np.cos(pose.heading), np.sin(pose.heading)])
    rump = np.array(pose.position[:2]) - 0.56 * size * ahead
    nose = np.array(pose.position[:2]) + 0.5 * size * ahead
    to_trunk = np.array([trunk.x, trunk.y])
    assert np.linalg.norm(rump - to_trunk) < trunk.radius + 0.35
    assert np.linalg.norm(nose - to_trunk) > 0.9 * size
    assert tail_of(pose) > tail_of(act("travel", seed, 9.0, STAGE)[0].poses(4.0) or pose) + 1.5


@pytest.mark.parametrize("seed", range(5))
def test_clawing_rears_up_with_the_fore_paws_on_the_trunk(seed: int) -> None:
    (part,) = act("claw", seed, SECONDS, STAGE)
    contact = next(contact for contact in part.contacts if contact.what == "trunk")
    pose = part.poses((contact.start_s + contact.end_s) / 2)
    assert pose is not None
    size, trunk = size_of(part.individual), STAGE.trunks[0]
    assert pose.pitch > 1.0
    for paw in pose.paws[2:]:
        assert paw[2] > 0.6 * size
        assert abs(np.hypot(paw[0] - trunk.x, paw[1] - trunk.y) - trunk.radius) < 0.08 * size


@pytest.mark.parametrize("behaviour", ["rest", "groom", "vigilance"])
def test_whoever_settles_walks_until_then_and_sets_one_paw_after_another(behaviour: str) -> None:
    found = 0
    for seed in range(12):
        (part,) = act(behaviour, seed, 8.0, STAGE)
        first = part.behaviours[0]
        if first.behaviour != "travel":
            continue
        found += 1
        settled = next((s.end_s for s in part.behaviours if s.sub_behaviour == "settles down"), first.end_s + 0.5)
        times = np.arange(first.end_s - 1.0, settled, 1 / 60)
        poses = [pose for second in times if (pose := part.poses(second)) is not None]
        places = np.array([pose.position[:2] for pose in poses])
        speed = np.linalg.norm(np.diff(places, axis=0), axis=1) * 60
        assert speed[:20].min() > 0.3  # metres a second, until half a second before it stops
        paws = np.array([pose.paws for pose in poses])[60:]
        moves = np.linalg.norm(np.diff(paws[..., :2], axis=0), axis=2) * 60 > 0.1
        raised = paws[1:, :, 2] > paws[..., 2].min(axis=0) + 0.0005
        free = np.array([pose.free for pose in poses])[61:] > 0
        assert not (moves & ~raised & ~free).any()
    assert found


@pytest.mark.parametrize("seed", range(3))
def test_scraping_rakes_backward_on_the_ground_with_one_hind_paw_after_the_other(seed: int) -> None:
    (part,) = act("scrape", seed, 8.0, STAGE)
    scrape = next(stretch for stretch in part.behaviours if stretch.behaviour == "scrape")
    times = np.arange(max(scrape.start_s, 0.0) + 0.8, scrape.end_s - 0.8, 1 / 60)
    poses = [pose for second in times if (pose := part.poses(second)) is not None]
    heading = poses[0].heading
    paws = np.array([pose.paws[:2] for pose in poses])
    ahead = np.diff(paws[..., 0] * np.cos(heading) + paws[..., 1] * np.sin(heading), axis=0) * 60
    raised = paws[1:, :, 2] > paws[..., 2].min(axis=0) + 0.01
    assert ahead[~raised].mean() < -0.2  # metres a second
    assert ahead[raised].mean() > 0.2
    assert np.corrcoef(ahead.T)[0, 1] < -0.8
    assert {pose.thing is not None and pose.thing.place[2] > 0 for pose in poses[-10:]} == {True}


@pytest.mark.parametrize("seed", range(4))
def test_two_cubs_change_roles_and_the_chaser_is_the_one_behind(seed: int) -> None:
    cubs = (Individual("A", "leopard", 1, size=0.5), Individual("B", "leopard", 2, size=0.5))
    parts = act("play", seed, 14.0, STAGE, cubs)
    assert {part.individual.name for part in parts} == {"A", "B"}
    for part, other in (parts, parts[::-1]):
        assert {"chaser", "chased", "top", "bottom"} <= {stretch.role for stretch in part.behaviours}
        chases = [stretch for stretch in part.behaviours if stretch.role == "chaser" and stretch.end_s < 14]
        for stretch in chases:
            late = stretch.end_s - 0.25
            mine, its = part.poses(late), other.poses(late)
            assert mine is not None
            assert its is not None
            to_it = np.subtract(its.position[:2], mine.position[:2])
            assert to_it @ [np.cos(mine.heading), np.sin(mine.heading)] > 0


def test_one_walk_in_five_leads_straight_at_the_camera_or_away_from_it() -> None:
    steep = []
    for seed in range(60):
        poses = poses_of(act("travel", seed, SECONDS, STAGE)[0], hertz=2)
        way = np.subtract(poses[-1].position[:2], poses[0].position[:2])
        steep.append(abs(way[1]) > 5 * abs(way[0]))
    assert 6 <= sum(steep) <= 18


@pytest.mark.parametrize("seed", range(4))
def test_cubs_follow_the_adult(seed: int) -> None:
    adult, *young = act("family_travel", seed, SECONDS, STAGE)
    assert young
    assert adult.behaviours[0].role == "adult"
    first = adult.poses(SECONDS / 2)
    assert first is not None
    for part in young:
        pose = part.poses(SECONDS / 2)
        assert pose is not None
        assert size_of(part.individual) < 0.8 * size_of(adult.individual)
        behind = np.subtract(first.position[:2], pose.position[:2])
        assert behind @ [np.cos(first.heading), np.sin(first.heading)] > 0.3


@pytest.mark.parametrize("seed", range(4))
def test_the_chaser_runs_after_the_prey(seed: int) -> None:
    cat, prey = act("chase", seed, SECONDS, STAGE)
    assert (cat.behaviours[0].role, prey.behaviours[0].role) == ("chaser", "chased")
    assert prey.individual.species == "deer"
    mine, its = cat.poses(1.0), prey.poses(1.0)
    assert mine is not None
    assert its is not None
    assert 0.8 < np.linalg.norm(np.subtract(its.position[:2], mine.position[:2])) < 3.5


@pytest.mark.parametrize("seed", range(6))
def test_a_resting_animal_hardly_moves_and_a_stalking_one_is_low_and_slow(seed: int) -> None:
    (rester,) = act("rest", seed, SECONDS, STAGE)
    rest = next(stretch for stretch in rester.behaviours if (stretch.sub_behaviour or "").startswith(("lying", "sit")))
    poses = [rester.poses(second) for second in np.arange(rest.start_s, rest.end_s - 2.1, 0.1)]
    assert np.ptp([pose.position for pose in poses if pose is not None], axis=0).max() < 0.02
    (stalker,) = act("stalk", seed, 8.0, STAGE)
    creep = next(stretch for stretch in stalker.behaviours if stretch.sub_behaviour == "creep")
    pose = stalker.poses((creep.start_s + creep.end_s) / 2)
    assert pose is not None
    standing = stands(stalker.individual).trunk[2]
    assert pose.position[2] < 0.75 * standing


@pytest.mark.parametrize("seed", range(3))
def test_looking_into_the_camera_brings_the_head_before_it(seed: int) -> None:
    (part,) = act("camera_interaction", seed, SECONDS, STAGE)
    contact = part.contacts[0]
    pose = part.poses((contact.start_s + contact.end_s) / 2)
    assert pose is not None
    assert 0.9 < pose.position[1] < 2.6
    assert np.sin(pose.heading) < -0.9
