"""Licking and scratching oneself: strokes of the head in bouts, with pauses in which it looks up."""

from collections.abc import Callable

import numpy as np

from models.simulate.posture import (
    Posture,
    Postures,
    back,
    during,
    fore,
    free_leg,
    head,
    held,
    jaw,
    rhythm,
    tail,
    timeline,
    together,
)

Doing = Callable[[float, float], list[Postures]]  # from one second to another, on top of sitting or lying


def licks(random: np.random.Generator, way: int, lies: bool) -> tuple[str, Doing]:
    """One way of grooming.

    Args:
        random: decides which, how fast and with what pauses.
        way: the side on which it grooms, left (1) or right (-1).
        lies: on its belly, and not sitting.

    Returns:
        What it is called, and the postures from one second to another.
    """
    forms = ("fore paw", "flank") if lies else ("fore paw", "chest", "flank", "hind leg", "scratches")
    form = str(random.choice(forms))
    if form == "scratches":
        return "scratches its neck with a hind paw", _scratching(random, way)
    reach, stroke, rise = _reached(form, way, lies)
    hertz = float(random.uniform(1.2, 2.6))
    strength = float(random.uniform(0.8, 1.25))

    def doing(start: float, end: float) -> list[Postures]:
        return bouts(random, (start, end), (reach, stroke.times(strength), rise), hertz)

    return f"licks its {form}", doing


def _reached(form: str, way: int, lies: bool) -> tuple[Posture, Posture, Posture]:
    """Where the mouth is, the stroke to either side of it, and how the head rises in a pause."""
    paw = 0 if way > 0 else 1
    if form == "fore paw":
        lift = fore(ahead=-0.03, up=0.15, flexion=0.6, only=paw) if lies else fore(0.15, 0.46, 1.3, paw)
        trunk = Posture(pitch=0.10, up=0.03) if lies else Posture()
        reach = together(trunk, lift, head(down=1.65 if lies else 1.1, turn=0.25 * way, nod=-0.5))
        return reach, together(head(down=0.17, nod=0.12), fore(up=-0.02, only=paw)), head(down=-0.9, nod=0.3)
    if form == "chest":
        return head(down=2.1, turn=0.15 * way, nod=-0.2), head(down=0.2, nod=0.16), head(down=-1.2)
    if form == "flank":
        lean = Posture(roll=-0.25 * way, up=0.015) if lies else Posture()
        reach = together(
            lean,
            back(bend=1.15 * way),
            head(down=1.4, turn=2.4 * way, tilt=0.4 * way, nod=-0.3),
            tail(root=0.25, tip=0.1),
        )
        stroke = together(head(down=0.2, turn=-0.16 * way, nod=0.1), back(bend=0.05 * way))
        return reach, stroke, head(down=-1.2, turn=-1.2 * way)
    leg = free_leg("hind_L" if way > 0 else "hind_R", hip=-2.2, knee=-0.15, ankle=0.2, abduct=0.6)
    reach = together(
        leg,
        Posture(roll=-0.15 * way),
        back(bend=0.7 * way),
        head(down=2.2, turn=1.2 * way, nod=-0.1),
        tail(root=0.45, tip=0.3),
    )
    return reach, head(down=0.2, nod=0.14, turn=0.06 * way), head(down=-1.3, turn=-0.6 * way)


def bouts(
    random: np.random.Generator, span: tuple[float, float], how: tuple[Posture, Posture, Posture], hertz: float
) -> list[Postures]:
    """Strokes in bouts of some seconds; between bouts the head rises."""
    (start, end), (reach, stroke, rise) = span, how
    found: list[Postures] = [during(lambda second: reach, start, end, fade=0.6)]
    now = start + (0.4 if start >= 0 else 0.0)
    while now < end - 0.5:
        lasts = min(float(random.uniform(2.0, 4.5)), end - now)
        rests = float(random.uniform(0.6, 1.2))
        found.append(rhythm(together(stroke, jaw(0.12)), hertz, now, now + lasts))
        if now + lasts + rests < end - 0.8:
            turn = head(turn=float(random.uniform(-0.4, 0.4)))
            found.append(held(rise + turn, now + lasts, now + lasts + rests, fade=0.3))
        now += lasts + rests
    return found


def _scratching(random: np.random.Generator, way: int) -> Doing:
    """A hind paw is brought to the neck and kicks fast, in bouts; the head leans to it with its eyes half shut."""
    name = "hind_L" if way > 0 else "hind_R"
    leg = free_leg(name, hip=-2.2, knee=-1.1, ankle=-0.3, abduct=0.4)
    bent = together(
        back(bend=0.6 * way),
        head(down=0.8, turn=1.1 * way, tilt=0.8 * way),
        Posture(roll=-0.1 * way),
        tail(root=0.45, tip=0.3),
    )
    beat = together(free_leg(name, hip=0.22, knee=0.32, ankle=0.25, abduct=0.0, freed=0.0), head(down=0.03))
    hertz = float(random.uniform(4.0, 5.0))

    def doing(start: float, end: float) -> list[Postures]:
        found: list[Postures] = [during(lambda second: together(leg, bent), start, end, fade=0.6)]
        now = start + 0.5
        while now < end - 0.5:
            lasts = min(float(random.uniform(1.2, 2.6)), end - 0.3 - now)
            found.append(rhythm(beat, hertz, now, now + lasts))
            now += lasts + float(random.uniform(0.3, 0.7))
        twitch = timeline([(start, Posture()), (start + 1.0, tail(tip=0.2)), (end, Posture())])
        return [*found, twitch]

    return doing
