"""Scent-marking in its forms: spray, rub and claw at a trunk, and scrape on open ground.

After Smith, McDougal & Miquelle 1989 (tigers: spray, scrape, claw, cheek rub); most visits to a mark begin with a sniff
and go on approach, stop, sniff, turn the rear, raise the tail, spray, leave (Krofel et al.; field observations).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.simulate.act import Contact, Individual, Part, Stage, Stretch, Trunk
from models.simulate.motions.staging import Draft, adult, chance, depth, either_side, finish, heading, straight, window
from models.simulate.performance import Performance
from models.simulate.pose import Thing
from models.simulate.posture import (
    Posture,
    Postures,
    back,
    fore,
    head,
    held,
    hind,
    rear_up,
    rhythm,
    tail,
    timeline,
    together,
)
from models.simulate.species import size_of
from models.simulate.strides import WALK, Go, Path, Stay, Step, path_through, plan, stride_rate, turned_about

NOSE = 0.50  # metres at size 1 from the trunk's centre to the nose of a walking animal
RUMP = 0.56  # metres at size 1 from the trunk's centre back to the rump
TAIL_UP = together(tail(root=1.5, tip=1.25), Posture(pitch=-0.06, up=-0.01))
REARED = 1.12  # radians
_GRAVITY = 9.81  # metres a second squared
_UNDER_RUMP = np.array([[-0.45, 0.08], [-0.45, -0.08], [0.12, 0.05], [0.12, -0.05]])  # metres at size 1, a raker's paws


def perform(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    """See `models.simulate.act.act`."""
    random = chance(behaviour, seed)
    cat = adult(random, cast)
    if behaviour == "scrape":
        draft, start, end = _scrape(random, seconds, stage, cat)
    else:
        marking = {"spray": _spray, "rub": _rub, "claw": _claw}[behaviour]
        draft, start, end = marking(random, seconds, stage.trunks[0], cat)
    return finish([draft], seconds, window(random, seconds, start, end))


def _spray(random: np.random.Generator, seconds: float, trunk: Trunk, cat: Individual) -> tuple[Draft, float, float]:
    """Sniffs the trunk, walks on past it until its rump is before it, raises the tail, quivers, walks off."""
    size, side = size_of(cat), either_side(random)
    gap = trunk.radius + 0.05 * size
    pass_by = -0.18 * size - trunk.radius  # nearer to the camera than the trunk
    path = path_through(
        [
            (trunk.x - side * (gap + NOSE * size + 1.3), trunk.y + 0.5 * pass_by),
            (trunk.x - side * (gap + NOSE * size), trunk.y + 0.3 * pass_by),
            (trunk.x + side * 0.05, trunk.y + pass_by),
            (trunk.x + side * (gap + RUMP * size), trunk.y + 0.35 * pass_by),
            (trunk.x + side * (gap + RUMP * size + 2.5), trunk.y + 0.2 * pass_by),
        ]
    )
    speed = float(random.uniform(0.5, 0.75)) * size**0.5
    to_trunk = _distance_at(path, side, trunk.x - side * (gap + NOSE * size))
    past = _distance_at(path, side, trunk.x + side * (gap + RUMP * size)) - to_trunk
    sniffs, sprays = float(random.uniform(0.8, 2.0)), float(random.uniform(2.0, 4.8))
    steps: list[Step] = [Go(to_trunk, speed), Stay(sniffs), Go(past, speed), Stay(sprays), Go(2.0, speed)]
    path = turned_about(path, (trunk.x, trunk.y), -side * _aslant(random))
    course = plan(path, WALK, size, steps, moving_in=True, moving_out=True)
    arrives, sniffed, turned, leaves, _ = course.stops
    raised = timeline(
        [(turned - 0.5, Posture()), (turned + 0.3, TAIL_UP), (leaves - 0.4, TAIL_UP), (leaves + 0.5, Posture())]
    )
    quiver = rhythm(
        together(tail(tip=0.35, left=0.25), Posture(roll=0.008)),
        float(random.uniform(7.0, 9.0)),
        turned + 0.6,
        leaves - 0.6,
    )
    tread = rhythm(hind(up=0.018, only=0), 1.4, turned + 0.5, leaves - 0.6)
    nose = held(head(down=-0.25, nod=0.1), arrives - 0.3, sniffed + 0.2, fade=0.4)
    sniff = rhythm(head(nod=0.05, turn=0.08), 2.4, arrives, sniffed)
    glance = held(head(turn=0.5 * either_side(random), down=-0.3), turned + 0.6, leaves, fade=0.5)
    draft = Draft(
        Performance(cat, [course], [raised, quiver, tread, nose, sniff, glance]),
        (
            Stretch("travel", "walk", 0.0, arrives),
            Stretch("investigate", "sniffs the trunk", arrives, sniffed),
            Stretch("travel", "turns its rear to the trunk", sniffed, turned),
            Stretch("spray", "tail raised, quivers", turned, leaves),
            Stretch("travel", "walk", leaves, leaves + 9.0),
        ),
        (Contact("trunk", "head", arrives, sniffed), Contact("trunk", "rear", turned + 0.5, leaves - 0.4)),
        stride_hz=stride_rate(WALK, speed, size),
    )
    return draft, turned, leaves


def _rub(random: np.random.Generator, seconds: float, trunk: Trunk, cat: Individual) -> tuple[Draft, float, float]:
    """Presses the cheek to the trunk, up and down, then slides the flank along it, tail over the back."""
    size, side = size_of(cat), either_side(random)
    aside = -(trunk.radius + 0.13 * size)  # passes on the camera's side
    to_camera = -side  # the side of its body that the camera sees
    at_cheek = trunk.x - side * 0.36 * size
    path = path_through(
        [
            (at_cheek - side * 1.3, trunk.y + aside - 0.1),
            (at_cheek, trunk.y + aside),
            (at_cheek + side * 0.8, trunk.y + aside),
            (at_cheek + side * 3.4, trunk.y + aside - 0.1),
        ]
    )
    path = turned_about(path, (trunk.x, trunk.y), float(random.uniform(-0.5, 0.5)))
    speed, slide = float(random.uniform(0.5, 0.75)) * size**0.5, float(random.uniform(0.2, 0.3)) * size**0.5
    rubs = max(2.0, float(random.uniform(0.3, 0.55)) * seconds)
    steps: list[Step] = [Go(1.3, speed), Stay(rubs), Go(0.75 * size, slide), Go(2.0, speed)]
    course = plan(path, WALK, size, steps, moving_in=True, moving_out=True)
    arrives, rubbed, slid, _ = course.stops
    pressed = together(
        head(turn=-0.75 * to_camera, tilt=-0.5 * to_camera, down=-0.35),
        back(bend=-0.15 * to_camera),
        Posture(roll=0.06 * -to_camera),
    )
    hertz = float(random.uniform(0.65, 1.1))
    stroke = together(head(down=0.38, tilt=-0.35 * to_camera), Posture(up=-0.03, pitch=-0.06, ahead=0.05))
    cheek = held(pressed, arrives - 0.3, rubbed + 0.2, fade=0.5)
    along = held(
        together(
            Posture(roll=0.16 * to_camera, left=-0.03 * to_camera),
            back(bend=-0.35 * to_camera),
            tail(root=1.4, tip=0.7),
        ),
        rubbed - 0.4,
        slid + 0.4,
        fade=0.7,
    )
    draft = Draft(
        Performance(cat, [course], [cheek, rhythm(stroke, hertz, arrives, rubbed), along]),
        (
            Stretch("travel", "walk", 0.0, arrives),
            Stretch("rub", "cheek", arrives, rubbed),
            Stretch("rub", "flank", rubbed, slid),
            Stretch("travel", "walk", slid, slid + 9.0),
        ),
        (Contact("trunk", "head", arrives, rubbed), Contact("trunk", "flank", rubbed, slid)),
        stride_hz=stride_rate(WALK, speed, size),
    )
    return draft, arrives, slid


def _claw(random: np.random.Generator, seconds: float, trunk: Trunk, cat: Individual) -> tuple[Draft, float, float]:
    """Walks up to the trunk, rears up against it, drags the fore paws down in turns, drops."""
    size, side = size_of(cat), either_side(random)
    stands = trunk.x - side * (trunk.radius + 0.20 * size)
    path = path_through([(stands - side * 1.2, trunk.y - 0.1), (stands, trunk.y), (stands + side * 0.5, trunk.y)])
    speed = 0.6 * size**0.5
    claws = max(2.5, float(random.uniform(0.4, 0.65)) * seconds)
    steps: list[Step] = [Go(1.2, speed), Stay(0.7), Stay(claws), Stay(6.0)]
    course = plan(path, WALK, size, steps, moving_in=True)
    arrives, up, drops, _ = course.stops
    standing = Performance(cat, [course])(up)
    onto = [side * (trunk.x - side * trunk.radius - float(standing.paws[leg, 0])) / size for leg in (2, 3)]
    path = turned_about(path, (trunk.x, trunk.y), side * _aslant(random))
    course = plan(path, WALK, size, steps, moving_in=True)
    reach = together(*(fore(ahead=ahead, up=0.82, only=paw) for paw, ahead in enumerate(onto)))
    against = together(
        Posture(ahead=0.11),
        rear_up(REARED),
        reach,
        hind(ahead=0.02),
        back(arch=-0.3),
        head(down=-0.35, nod=0.2),
        tail(root=1.0, tip=0.5),
    )
    raised = timeline([(arrives, Posture()), (up + 0.2, against), (drops - 0.6, against), (drops + 0.2, Posture())])
    hertz = float(random.uniform(0.9, 1.6))
    drag = together(fore(up=0.14, only=0), fore(up=-0.14, only=1), Posture(roll=0.06, up=0.015))
    clawing = rhythm(drag, hertz, up + 0.4, drops - 0.7)
    after = held(head(down=0.5, nod=-0.1), drops + 0.3, drops + 6.0)
    draft = Draft(
        Performance(cat, [course], [raised, clawing, after]),
        (
            Stretch("travel", "walk", 0.0, arrives),
            Stretch("claw", "rears up and drags the fore paws", arrives, drops),
            Stretch("investigate", "sniffs the trunk's foot", drops, drops + 6.0),
        ),
        (Contact("trunk", "fore paws", up + 0.2, drops - 0.6),),
        stride_hz=stride_rate(WALK, speed, size),
    )
    return draft, arrives, drops


def _scrape(random: np.random.Generator, seconds: float, stage: Stage, cat: Individual) -> tuple[Draft, float, float]:
    """Stops, lowers the rump and rakes the ground backwards with the hind paws in turns."""
    size, side = size_of(cat), either_side(random)
    y = depth(random, stage, size)
    x = side * float(random.uniform(-0.2, 0.4))
    turned = heading(random)
    path = straight(x, y, side, turned, 1.3)
    speed = float(random.uniform(0.5, 0.75)) * size**0.5
    rakes = max(2.5, float(random.uniform(0.4, 0.7)) * seconds)
    course = plan(path, WALK, size, [Go(1.3, speed), Stay(rakes), Go(2.0, speed)], moving_in=True, moving_out=True)
    arrives, leaves, _ = course.stops
    low = together(
        Posture(pitch=0.2, up=-0.02),
        hind(ahead=0.10),
        back(arch=0.4),
        head(down=float(random.uniform(-0.3, 0.2))),
        tail(root=float(random.uniform(0.6, 1.1)), tip=0.4),
    )
    body = held(low, arrives - 0.2, leaves + 0.2, fade=0.6)
    hertz = float(random.uniform(0.9, 1.6))
    rake = _raking(hertz, arrives + 0.3, leaves - 0.3)
    litter = Litter(course.at(arrives + 0.1, _UNDER_RUMP * size).paws[:2, :2], path, size, hertz, arrives + 0.3, leaves)
    sway = rhythm(Posture(roll=0.09, turn=0.07), hertz, arrives + 0.3, leaves - 0.3, phase=0.1)
    draft = Draft(
        Performance(cat, [course], [body, rake, sway], thing=litter),
        (
            Stretch("travel", "walk", 0.0, arrives),
            Stretch("scrape", "hind feet in turns", arrives, leaves),
            Stretch("travel", "walk", leaves, leaves + 9.0),
        ),
        (Contact("ground", "hind paws", arrives + 0.3, leaves - 0.3),),
        stride_hz=stride_rate(WALK, speed, size),
    )
    return draft, arrives, leaves


@dataclass(frozen=True, slots=True)
class Litter:
    """What a raking hind paw throws back: one clod a stroke, which flies, falls and lies until the next."""

    places: NDArray[np.float64]  # (2, 2) metres, where the hind paws stand
    path: Path
    size: float
    hertz: float
    start: float  # seconds
    end: float

    def __call__(self, second: float) -> Thing:
        """The clod at a second; far below the ground while none was thrown."""
        stroke = int((second - self.start) * 2 * self.hertz)
        if stroke < 1 or second < self.start:
            return Thing((0.0, 0.0, -50.0), 0.01)
        stroke = min(stroke, int((self.end - 0.6 - self.start) * 2 * self.hertz))
        flown = second - self.start - stroke / (2 * self.hertz)
        seed = np.random.default_rng([stroke, int(1000 * self.hertz)])
        radius = float(seed.uniform(0.018, 0.032)) * self.size
        rises, drifts = float(seed.uniform(0.9, 1.7)), float(seed.uniform(-0.4, 0.4))
        lasts = 2 * rises / _GRAVITY
        aloft = min(flown, lasts)
        heading = float(self.path.at(1.3)[2])
        back, left = np.array([-np.cos(heading), -np.sin(heading)]), np.array([-np.sin(heading), np.cos(heading)])
        speed = float(seed.uniform(1.2, 2.0))
        x, y = self.places[stroke % 2] + aloft * (speed * back + drifts * left)
        return Thing((float(x), float(y), radius + max(rises * aloft - _GRAVITY / 2 * aloft**2, 0.0)), radius)


def _raking(hertz: float, start: float, end: float) -> Postures:
    """Each hind paw goes round: back along the ground, forward through the air; the two are half a turn apart."""
    circling: list[tuple[Postures, Postures]] = []
    for paw, phase in ((0, 0.0), (1, 0.5)):
        back_and_forth = rhythm(hind(ahead=0.19, only=paw), hertz, start, end, phase)
        up_and_down = rhythm(hind(up=0.13, flexion=0.6, only=paw), hertz, start, end, phase + 0.25)
        circling.append((back_and_forth, up_and_down))

    def at(second: float) -> Posture:
        postures = []
        for along, lifting in circling:
            raised = lifting(second)
            lifted = raised if raised.paws[:, 2].min() >= 0 else Posture()
            postures += [along(second), lifted]
        return together(*postures)

    return at


def _aslant(random: np.random.Generator) -> float:
    """Radians by which one at a trunk is turned from the picture's side, mostly so that it is nearer than the trunk."""
    return float(random.uniform(-0.25, 0.7))


def _distance_at(path: Path, side: int, x: float) -> float:
    """Metres along a path that runs towards `side` at which it reaches x."""
    return float(np.interp(side * x, side * path.places[:, 0], path.distance))
