"""What every family of behaviours needs: who appears, where it walks, and cutting its performance to the scene."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.simulate.act import Contact, Individual, Part, Species, Stage, Stretch
from models.simulate.performance import Performance
from models.simulate.pose import Pose
from models.simulate.posture import Posture, Postures, rhythm
from models.simulate.species import size_of
from models.simulate.strides import Path, path_through

SHARE_OF_DEER = {"feed": 0.4, "vigilance": 0.25, "travel": 0.2}  # of performances whose cast is left to chance
_OUTSIDE = 1.1  # metres beyond the picture's edge at which an animal of size 1 is out of sight


@dataclass(frozen=True, slots=True)
class Draft:
    """One animal's performance on a clock of its own, which may run longer than the scene."""

    performance: Performance
    stretches: tuple[Stretch, ...]  # from 0 on, without gaps
    contacts: tuple[Contact, ...] = ()
    stride_hz: float | None = None
    leaves: float | None = None  # second from which it is out of sight for good


def chance(behaviour: str, seed: int) -> np.random.Generator:
    """The random numbers of one performance; another behaviour with the same seed has others."""
    return np.random.default_rng([seed, zlib.crc32(behaviour.encode())])


def adult(random: np.random.Generator, cast: Sequence[Individual], place: int = 0) -> Individual:
    """The cast's individual at a place, or else a leopard, now and then a tiger, of ordinary build."""
    species: Species = "tiger" if random.random() < 0.2 else "leopard"
    drawn = Individual(
        name=f"{species} {place + 1}",
        species=species,
        coat=int(random.integers(1_000_000)),
        size=float(random.uniform(0.9, 1.08)),
        girth=float(random.uniform(0.92, 1.12)),
    )
    return cast[place] if place < len(cast) else drawn


def is_deer(behaviour: str, seed: int, cast: Sequence[Individual]) -> bool:
    """Whether a deer does it, of what deer do too, if nobody was asked for: traps film more prey than predators."""
    return not cast and chance(f"deer {behaviour}", seed).random() < SHARE_OF_DEER.get(behaviour, 0.0)


def passer_by(behaviour: str, seed: int, random: np.random.Generator, cast: Sequence[Individual]) -> Individual:
    """The cast's first individual, or else an adult cat or a deer."""
    cat = adult(random, cast)  # drawn in any case, so that what follows is the same for either
    return deer(chance(f"which deer {behaviour}", seed), (), 0) if is_deer(behaviour, seed, cast) else cat


def cub(random: np.random.Generator, cast: Sequence[Individual], place: int, species: Species) -> Individual:
    """The cast's individual at a place, or else a cub."""
    drawn = Individual(
        name=f"cub {place}",
        species=species,
        coat=int(random.integers(1_000_000)),
        size=float(random.uniform(0.5, 0.7)),
        girth=float(random.uniform(0.98, 1.1)),
    )
    return cast[place] if place < len(cast) else drawn


def deer(random: np.random.Generator, cast: Sequence[Individual], place: int) -> Individual:
    """The cast's individual at a place, or else a deer."""
    drawn = Individual(f"deer {place}", "deer", int(random.integers(1_000_000)), float(random.uniform(0.85, 1.0)))
    return cast[place] if place < len(cast) else drawn


def either_side(random: np.random.Generator) -> int:
    """1 to face the picture's right, -1 to face its left."""
    return 1 if random.random() < 0.5 else -1


def heading(random: np.random.Generator) -> float:
    """Radians by which an animal faces away from the camera, of one that would else face the picture's side.

    Most are seen from the side or aslant, one in six from the front or from behind.
    """
    drawn = random.random()
    least, most = (0.0, 0.35) if drawn < 0.4 else (0.0, 0.9) if drawn < 0.84 else (1.1, 1.5)
    return float(random.uniform(least, most)) * either_side(random)


def depth(random: np.random.Generator, stage: Stage, size: float = 1.0) -> float:
    """Metres from the camera at which an animal of a size performs; larger ones keep farther away."""
    nearest = min(max(stage.nearest, 2.5 * size), stage.farthest)
    return float(random.uniform(nearest, 0.2 * nearest + 0.8 * stage.farthest))


def crossing(random: np.random.Generator, stage: Stage, side: int, y: float, size: float) -> Path:
    """A curved path through the whole picture, from out of sight to out of sight.

    Every other leads across; the others come towards the camera, or go away from it, aslant.
    """
    if random.random() < 0.5:
        edge = stage.camera.half_width(y) + _OUTSIDE * size
        bulge = float(random.uniform(-0.2, 0.2))
        slant = float(random.uniform(-0.35, 0.35)) * (stage.farthest - stage.nearest)
        start, end = (max(y + sign * slant, min(y, stage.nearest)) for sign in (-1, 1))
        return path_through([(-side * edge, start), (0.0, y + bulge), (side * edge, end)])
    near = max(stage.nearest, 2.3 * size) - float(random.uniform(0.0, 0.2))
    far = max(stage.farthest, near + 1.5) + 0.1
    leads = float(random.uniform(0.1, 0.45))  # share of the half width at which it turns, near and far
    points = [
        (-side * (stage.camera.half_width(near) + _OUTSIDE * size), near),
        (-side * leads * stage.camera.half_width(near), 0.75 * near + 0.25 * far),
        (side * leads * 0.6 * stage.camera.half_width(far), 0.15 * near + 0.85 * far),
        (side * (stage.camera.half_width(far) + _OUTSIDE * size), far),
    ]
    if random.random() < 0.5:
        points = [(-x, depth) for x, depth in points[::-1]]
    return path_through(points)


def head_on(random: np.random.Generator, stage: Stage, metres: float) -> Path:
    """A straight path along the line of sight, near the picture's middle: past the camera, or away from it.

    Args:
        random: decides which, and where.
        stage: where it is.
        metres: the way while it is filmed, which begins where the path does.
    """
    near = float(random.uniform(0.9, 1.3)) * stage.nearest
    far = min(near + metres, stage.farthest + 1.2)
    x = float(random.uniform(0.3, 0.8)) * either_side(random)
    drift = float(random.uniform(-0.1, 0.1))  # metres aside for each metre of depth
    comes = random.random() < 0.5
    ends = [(x + drift * far, far), (x, 0.3)] if comes else [(x, near), (x + drift * metres, near + metres + 1.0)]
    return path_through(ends)


def short_path(x: float, y: float, side: int, turned: float = 0.0) -> Path:
    """Half a metre of straight path that starts at a place, to stand on; `turned` radians away from the camera."""
    heading = turned if side > 0 else np.pi - turned
    return path_through([(x, y), (x + 0.5 * float(np.cos(heading)), y + 0.5 * float(np.sin(heading)))])


def straight(x: float, y: float, side: int, turned: float, before: float, after: float = 3.0) -> Path:
    """A straight path that is at a place after `before` metres and goes on for `after`; `turned` as in `short_path`."""
    heading = turned if side > 0 else np.pi - turned
    way = np.array([np.cos(heading), np.sin(heading)])
    start, end = np.array([x, y]) - before * way, np.array([x, y]) + after * way
    return path_through([(float(start[0]), float(start[1])), (x, y), (float(end[0]), float(end[1]))])


def breath(individual: Individual) -> Postures:
    """The trunk's slow rise and fall; smaller animals breathe faster."""
    return rhythm(Posture(up=0.004), 0.35 / size_of(individual) ** 0.5, -1.0, 1e6)


def window(random: np.random.Generator, seconds: float, start: float, end: float) -> float:
    """Where a scene begins on a performance's clock so that what happens from start to end is in it.

    What is longer than the scene fills at least its last three quarters.
    """
    if end - start < seconds:
        return float(random.uniform(max(end - seconds, 0.0), start))
    return max(float(random.uniform(start - 0.25 * seconds, end - seconds)), 0.0)


def finish(drafts: Sequence[Draft], seconds: float, offset: float) -> tuple[Part, ...]:
    """Cuts performances on a common clock to a scene that begins `offset` seconds into them."""
    return tuple(_finish(draft, seconds, offset) for draft in drafts)


def _finish(draft: Draft, seconds: float, offset: float) -> Part:
    def poses(second: float) -> Pose | None:
        now = second + offset
        return None if draft.leaves is not None and now > draft.leaves else draft.performance(now)

    last = len(draft.stretches) - 1
    stretches = []
    for number, stretch in enumerate(draft.stretches):
        start = max(stretch.start_s - offset, 0.0)
        end = seconds if number == last else min(stretch.end_s - offset, seconds)
        if end > start:
            stretches.append(replace(stretch, start_s=round(start, 4), end_s=round(end, 4)))
    contacts = tuple(
        replace(contact, start_s=max(contact.start_s - offset, 0.0), end_s=min(contact.end_s - offset, seconds))
        for contact in draft.contacts
        if contact.end_s > offset and contact.start_s < offset + seconds
    )
    steps = draft.stride_hz is not None
    return Part(
        individual=draft.performance.individual,
        poses=poses,
        behaviours=tuple(stretches),
        stride_hz=draft.stride_hz,
        asymmetry=draft.performance.individual.limp if steps else None,
        contacts=contacts,
    )
