"""Coming up to the camera and looking in."""

from models.simulate.act import Contact, Individual, Part, Stage, Stretch
from models.simulate.motions.staging import Draft, adult, chance, either_side, finish, window
from models.simulate.performance import Performance
from models.simulate.posture import Posture, head, held, jaw, rhythm, timeline, together
from models.simulate.species import size_of
from models.simulate.strides import WALK, Go, Stay, path_through, plan, stride_rate


def perform(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    """See `models.simulate.act.act`."""
    random = chance(behaviour, seed)
    cat = adult(random, cast)
    size, side = size_of(cat), either_side(random)
    far, near = min(stage.farthest, 3.6), float(random.uniform(1.2, 1.75)) * size
    x = float(random.uniform(-0.2, 0.2))
    path = path_through(
        [
            (side * float(random.uniform(0.2, 1.2)), far),
            (side * 0.45, (far + near) / 2 + 0.3),
            (x, near + 0.35),
            (x, near - 0.4),
        ]
    )
    speed = float(random.uniform(0.5, 0.8)) * size**0.5
    way = path.length - 0.4
    stays = max(2.5, 0.55 * seconds)
    course = plan(path, WALK, size, [Go(way, speed), Stay(stays), Stay(5.0)], moving_in=True)
    arrives, leaves, _ = course.stops
    level = min(0.2, max(-0.85, 1.6 * (0.45 * size - stage.camera.elevation)))
    looks = timeline([(arrives - 1.5, head(down=-0.2)), (arrives, head(down=level)), (leaves + 9, head(down=level))])
    nearer = held(together(Posture(ahead=0.07), head(down=-0.1)), arrives + 0.4, leaves, fade=0.7)
    sniff = rhythm(together(head(nod=0.05), jaw(0.05)), 2.3, arrives + 0.5, leaves)
    sway = rhythm(head(turn=0.3, tilt=0.25), float(random.uniform(0.3, 0.45)), arrives, leaves)
    draft = Draft(
        Performance(cat, [course], [looks, nearer, sniff, sway]),
        (
            Stretch("camera_interaction", "approaches", 0.0, arrives),
            Stretch("camera_interaction", "looks in and sniffs", arrives, leaves + 5.0),
        ),
        (Contact("camera", "head", arrives, leaves),),
        stride_hz=stride_rate(WALK, speed, size),
    )
    return finish(
        [draft], seconds, window(random, seconds, max(arrives - 0.45 * seconds, 0.0), arrives + 0.55 * seconds)
    )
