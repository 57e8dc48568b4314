"""Two simulated animals in contact: one that licks the other, and a pair that mates."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from models.simulate.act import Individual, Part, Stage, Stretch, act
from models.simulate.camera import Camera
from models.simulate.motions.touching import SPOTS
from models.simulate.neck import MOUTH, place_of
from models.simulate.pose import Pose
from models.simulate.species import size_of

Array = NDArray[np.float64]

STAGE = Stage(Camera())
SECONDS = 6.0
SEEDS = range(16)


def pose_of(part: Part, second: float) -> Pose:
    pose = part.poses(second)
    assert pose is not None
    return pose


def stretch_of(part: Part, behaviour: str) -> Stretch | None:
    return next((stretch for stretch in part.behaviours if stretch.behaviour == behaviour), None)


def mouth_of(part: Part, second: float) -> Array:
    return place_of(pose_of(part, second), part.individual, MOUTH)


def to_the_other(part: Part, other: Part, second: float) -> float:
    """Metres from the mouth to the nearest of some spots on the other's head, neck and trunk."""
    mouth, pose = mouth_of(part, second), pose_of(other, second)
    spots = [(bone, (x, side * y, z)) for bone, (x, y, z) in SPOTS.values() for side in (1, -1)]
    return min(float(np.linalg.norm(mouth - place_of(pose, other.individual, spot))) for spot in spots)


def trunk_of(part: Part, second: float) -> Array:
    """(n, 2) metres on the ground, along the trunk."""
    points = [("torso", (ahead, 0.0, 0.0)) for ahead in (0.1, -0.1, -0.3, -0.5)]
    return np.array([place_of(pose_of(part, second), part.individual, point)[:2] for point in points])


def licks(seed: int, seconds: float = SECONDS) -> tuple[Part, Part, NDArray[np.float64]]:
    """The groomer, the groomed, and the seconds in which the first has begun and not yet ended."""
    groomer, groomed = act("groom_other", seed, seconds, STAGE)
    stretch = stretch_of(groomer, "groom_other")
    assert stretch is not None
    return groomer, groomed, np.arange(stretch.start_s + 0.8, stretch.end_s - 0.6, 1 / 30)


@pytest.mark.parametrize("behaviour", ["groom_other", "mating"])
def test_two_of_one_species_act_and_the_truth_says_in_which_roles(behaviour: str) -> None:
    roles = ("groomer", "groomed") if behaviour == "groom_other" else ("male", "female")
    species = set()
    for seed in SEEDS:
        parts = act(behaviour, seed, SECONDS, STAGE)
        assert len(parts) == 2
        assert parts[0].individual.species == parts[1].individual.species
        assert parts[0].individual.name != parts[1].individual.name
        species.add(parts[0].individual.species)
        for part, role in zip(parts, roles, strict=True):
            assert role in {stretch.role for stretch in part.behaviours}
    assert species == {"leopard", "tiger"}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_groomers_mouth_is_at_the_others_body_but_for_short_pauses(seed: int) -> None:
    groomer, groomed, times = licks(seed)
    away = np.array([to_the_other(groomer, groomed, second) for second in times])
    assert np.median(away) < 0.06  # metres
    assert (away < 0.09).mean() > 0.55
    assert away.max() < 0.35
    contact = groomer.contacts[0]
    assert (contact.what, contact.body) == (groomed.individual.name, "head")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_head_strokes_one_to_three_times_a_second(seed: int) -> None:
    groomer, _, times = licks(seed, 12.0)
    jaws = np.array([pose_of(groomer, second).joints["mandible"] for second in times])
    opens = np.flatnonzero((jaws[1:-1] > jaws[:-2]) & (jaws[1:-1] >= jaws[2:]) & (jaws[1:-1] > np.median(jaws) + 0.05))
    assert 1.0 < 30 / np.median(np.diff(opens)) < 3.0
    heights = np.array([mouth_of(groomer, second)[2] for second in times])
    assert np.abs(np.diff(heights)).mean() * 30 / size_of(groomer.individual) > 0.008  # metres a second


@pytest.mark.parametrize("seed", SEEDS)
def test_the_groomed_one_keeps_still_and_rests_if_it_lies(seed: int) -> None:
    _, groomed, times = licks(seed)
    places = np.array([pose_of(groomed, second).position for second in times])
    assert np.ptp(places, axis=0).max() < 0.02  # metres
    stretch = next(stretch for stretch in groomed.behaviours if stretch.role == "groomed")
    lies = (stretch.sub_behaviour or "").startswith("lying")
    assert stretch.behaviour == ("rest" if lies else "vigilance")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_two_are_beside_one_another_and_not_in_one_another(seed: int) -> None:
    groomer, groomed = act("groom_other", seed, SECONDS, STAGE)
    for second in np.arange(0, SECONDS, 0.25):
        between = np.linalg.norm(trunk_of(groomer, second)[:, None] - trunk_of(groomed, second)[None], axis=2)
        assert between.min() > 0.15 * (size_of(groomer.individual) + size_of(groomed.individual)) / 2
        assert between.min() < 2.6


def test_some_change_roles_and_some_come_or_leave() -> None:
    backs, comers, leavers = [], [], []
    for seed in range(60):
        groomer, groomed = act("groom_other", seed, SECONDS, STAGE)
        back = stretch_of(groomed, "groom_other")
        if back is not None:
            backs.append(seed)
            times = np.arange(back.start_s + 1.0, SECONDS, 1 / 15)
            away = np.array([to_the_other(groomed, groomer, second) for second in times])
            assert np.median(away) < 0.12  # metres
            assert next(s.role for s in groomer.behaviours if s.start_s == back.start_s) == "groomed"
        comers += [seed] * (groomer.behaviours[0].behaviour == "travel")
        leavers += [seed] * (groomed.behaviours[-1].behaviour == "travel")
    assert len(backs) >= 3
    assert len(comers) >= 6
    assert len(leavers) >= 6


def test_a_mother_licks_a_cub_and_a_cast_is_kept() -> None:
    mother, cub = Individual("Vesna", "leopard", 1), Individual("Bars", "leopard", 2, size=0.45)
    parts = act("groom_other", 2, SECONDS, STAGE, (mother, cub))
    assert tuple(part.individual for part in parts) == (mother, cub)
    sizes = [tuple(part.individual.size for part in act("groom_other", seed, 3.0, STAGE)) for seed in range(30)]
    assert sum(second < 0.75 * first for first, second in sizes) >= 8


def test_pairs_are_seen_from_many_sides_and_in_the_picture() -> None:
    for behaviour in ("groom_other", "mating"):
        headings, depths = [], []
        for seed in range(40):
            for part in act(behaviour, seed, 3.0, STAGE):
                x, y, _ = pose_of(part, 1.5).position
                headings.append(pose_of(part, 1.5).heading % (2 * np.pi))
                depths.append(y)
                assert abs(x) < STAGE.camera.half_width(y)
                assert STAGE.nearest - 0.8 < y < STAGE.farthest + 1.0
        assert (np.histogram(headings, 4, (0, 2 * np.pi))[0] > 0).all()
        assert np.ptp(depths) > 1.0


# Mating.


def while_mounted(parts: Sequence[Part]) -> NDArray[np.float64]:
    stretch = stretch_of(parts[0], "mating")
    assert stretch is not None
    start = stretch.start_s + 1.7 if stretch.start_s > 0 else 0.0
    end = stretch.end_s - 1.0 if stretch.end_s < SECONDS else SECONDS
    return np.arange(start, end, 1 / 60)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_male_is_above_and_behind_the_female_with_his_head_at_her_nape(seed: int) -> None:
    male, female = parts = act("mating", seed, SECONDS, STAGE)
    for second in while_mounted(parts)[::20]:
        his, hers = pose_of(male, second), pose_of(female, second)
        assert his.position[2] > hers.position[2] + 0.15 * size_of(female.individual)
        ahead = np.array([np.cos(hers.heading), np.sin(hers.heading)])
        assert -0.5 < np.subtract(his.position[:2], hers.position[:2]) @ ahead < 0
        assert abs((his.heading - hers.heading + np.pi) % (2 * np.pi) - np.pi) < 0.2
        nape = place_of(hers, female.individual, ("C_3", (-0.02, 0.0, 0.1)))
        assert np.linalg.norm(mouth_of(male, second) - nape) < 0.25 * size_of(male.individual)


@pytest.mark.parametrize("seed", SEEDS)
def test_he_stands_astride_her_and_thrusts_two_to_four_times_a_second(seed: int) -> None:
    male, female = parts = act("mating", seed, SECONDS, STAGE)
    times = while_mounted(parts)
    pose = pose_of(male, times[len(times) // 2])
    hers = pose_of(female, times[len(times) // 2])
    left = np.array([-np.sin(hers.heading), np.cos(hers.heading)])
    sides = (pose.paws[:, :2] - hers.position[:2]) @ left
    assert (sides[[0, 2]] > 0.1 * size_of(female.individual)).all()
    assert (sides[[1, 3]] < -0.1 * size_of(female.individual)).all()
    assert np.abs(pose.paws[:, 2] - pose.paws[:, 2].min()).max() < 0.02  # metres: he stands on all four
    loins = np.array([pose_of(male, second).joints["L_3_extend"] for second in times])
    moves = np.abs(np.fft.rfft((loins - loins.mean()) * np.hanning(len(loins)), 2048))
    hertz = np.fft.rfftfreq(2048, 1 / 60)
    assert 1.8 < hertz[hertz > 1][moves[hertz > 1].argmax()] < 4.2


def test_a_mount_has_its_beginning_or_its_end_in_some_clips_and_then_she_rolls_over() -> None:
    comes, leaves = 0, 0
    for seed in range(30):
        male, female = act("mating", seed, SECONDS, STAGE)
        assert [(s.start_s, s.end_s) for s in male.behaviours] == [(s.start_s, s.end_s) for s in female.behaviours]
        comes += male.behaviours[0].behaviour == "travel"
        if female.behaviours[-1].sub_behaviour == "rolls over after mating":
            leaves += 1
            end = SECONDS + 3
            assert abs(pose_of(female, end).roll) > 2
            assert np.linalg.norm(trunk_of(male, end)[:, None] - trunk_of(female, end), axis=2).min() > 0.25
    assert comes >= 5
    assert leaves >= 5
