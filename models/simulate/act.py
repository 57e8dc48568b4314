"""Who appears before the trap and what it does: the one door from a scene to the animals' motion.

A scene asks `act("spray", seed, seconds, stage)` and gets one `Part` for each animal. It then loads each part's
body with `models.simulate.cast.bring_part(camera, light, part, shaded)` and, frame by frame, calls
`look_at(camera, light, player, second, shaded)`. Nothing here needs MuJoCo.

World axes are the camera's: x to the right of the picture, y away from the camera, z up, the ground at z = 0, the
camera above x = 0, y = 0; metres and seconds. The same arguments give the same parts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from models.simulate.camera import Camera
from models.simulate.pose import Pose

Species = Literal["leopard", "tiger", "deer"]

# The module of models.simulate.motions that knows each behaviour; codes are those of configs/ethogram.yaml.
FAMILIES = {
    "travel": "locomotion",
    "family_travel": "locomotion",
    "chase": "hunting",
    "stalk": "hunting",
    "rest": "resting",
    "vigilance": "resting",
    "groom": "resting",
    "feed": "feeding",
    "investigate": "feeding",
    "spray": "scent_marking",
    "rub": "scent_marking",
    "scrape": "scent_marking",
    "claw": "scent_marking",
    "play": "play",
    "camera_interaction": "attention",
    "groom_other": "allogrooming",
    "mating": "mating",
}
BEHAVIOURS = tuple(FAMILIES)
NEEDS_TRUNK = frozenset({"spray", "rub", "claw"})


@dataclass(frozen=True, slots=True)
class Individual:
    """One animal's body, as far as it does not change while we watch."""

    name: str
    species: Species
    coat: int  # the seed of its pattern; the two flanks differ
    size: float = 1.0  # of its species' adult; a cub is 0.4 to 0.7
    girth: float = 1.0  # depth and width of the trunk against a fit animal's: 0.8 is thin, 1.25 is fat
    limp: float = 0.0  # 0..0.4, asymmetry of stride, see `Part.asymmetry`
    lame_leg: str = "fore_L"  # one of pose.LEGS
    tail: float = 1.0  # share of its length that it still has; 0 is none


@dataclass(frozen=True, slots=True)
class Trunk:
    """A tree trunk that can be marked."""

    x: float  # metres
    y: float
    radius: float  # metres


@dataclass(frozen=True, slots=True)
class Stage:
    """The ground that the camera sees, and what stands on it."""

    camera: Camera
    nearest: float = 2.4  # metres from the camera, how close animals walk by
    farthest: float = 4.5  # metres, likewise
    closest: float = 2.0  # metres from the camera, how close small cubs come, which fit into the picture there
    trunks: tuple[Trunk, ...] = ()  # should stand between `nearest` and `farthest`, well inside the picture


@dataclass(frozen=True, slots=True)
class Stretch:
    """What an animal does for some time."""

    behaviour: str  # a code of the ethogram
    sub_behaviour: str | None  # finer, in plain words, e.g. "trot", "lying", "hind feet in turns"
    start_s: float
    end_s: float
    role: str | None = None  # where two act together: "chaser", "chased", "top", "bottom", "adult", "follower",
    # "groomer", "groomed", "male", "female"; a dead deer that is fed on does "unknown" in the role "carcass"


@dataclass(frozen=True, slots=True)
class Contact:
    """A part of the body touches something for some time."""

    what: str  # "trunk", "object", "camera", "carcass", "ground" or the name of another individual
    body: str  # "head", "flank", "rear", "fore paws", "hind paws", "body"
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Part:
    """One animal's part in a scene.

    `poses` gives its pose at any second from 0 to the scene's length; None while it is nowhere near.
    `behaviours` follow one another without gaps from 0 to the end.
    """

    individual: Individual
    poses: Callable[[float], Pose | None]
    behaviours: tuple[Stretch, ...]
    stride_hz: float | None = (
        None  # strides (all four legs once) a second of its steady gait; None if it takes no steps
    )
    asymmetry: float | None = None  # |a - b| / (a + b) of the lame leg's stance time and its partner's; None likewise
    contacts: tuple[Contact, ...] = ()


def act(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...] = ()) -> tuple[Part, ...]:
    """Stages one behaviour, jittered by the seed.

    Args:
        behaviour: one of BEHAVIOURS.
        seed: decides the individuals, the place, the timing and the small differences between performances.
        seconds: how long the scene lasts; 4 and more look natural.
        stage: where it happens. The behaviours of NEEDS_TRUNK take the stage's first trunk.
        cast: replaces the individuals that the seed would choose, in the order of the parts returned; may be
            shorter than the parts are.

    Returns:
        A part for each animal, the one that does the behaviour first.

    Raises:
        ValueError: the behaviour is none of BEHAVIOURS, or needs a trunk and the stage has none.
    """
    if behaviour not in FAMILIES:
        raise ValueError(f"no motion for the behaviour {behaviour!r}; there are {', '.join(BEHAVIOURS)}")
    if behaviour in NEEDS_TRUNK and not stage.trunks:
        raise ValueError(f"the behaviour {behaviour!r} needs a trunk; give the stage at least one")
    family = import_module(f"models.simulate.motions.{FAMILIES[behaviour]}")
    parts: tuple[Part, ...] = family.perform(behaviour, seed, seconds, stage, cast)
    return parts
