"""How fast does the simulated trap film, and how much faster does it measure without shading? Time both, and say.

    python -m tests.benchmarks.simulation_speed [SECONDS]

Each row is one scene of 480 x 270 pixels, filmed and measured in turns in one process. The speeds are frames a second
of the processor's time: with shading, wind and the sensor, and of boxes, joints and silhouettes alone. What comes
before the first frame (the place, the coats, the renderer) is given apart. Encoding and writing are left out.
"""

import sys
import time

from models.simulate.order import Order
from models.simulate.renderer import choose_renderer

SCENES = (("travel", "day"), ("travel", "infrared"), ("play", "day"), ("play", "infrared"))
SECONDS = 2.0
SIZE = (480, 270)


def speed_of(subject: str, light: str, shaded: bool, seconds: float) -> tuple[int, float, float]:
    """Animals, frames a second of processor time, and seconds of it before the first frame."""
    from models.simulate.scene import watch_scene

    order = Order(
        name="speed",
        subject=subject,
        light="day" if light == "day" else "infrared",
        split="train",
        camera_seed=3,
        motion_seed=5,
        coat_seed=5,
        seconds=seconds,
        width=SIZE[0],
        height=SIZE[1],
        shaded=shaded,
    )
    started = time.process_time()
    ends = []
    animals = 0
    for figures in watch_scene(order):
        ends.append(time.process_time())
        animals = max(animals, sum(figure is not None for figure in figures))
    return animals, (len(ends) - 1) / (ends[-1] - ends[0]), ends[0] - started


def main() -> None:
    """Time every scene both ways and print a table."""
    choose_renderer()
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    sys.stdout.write("scene             animals  shaded_fps  measured_fps  ratio  start_shaded_s  start_measured_s\n")
    for subject, light in SCENES:
        animals, filmed, before = speed_of(subject, light, True, seconds)
        _, measured, before_measured = speed_of(subject, light, False, seconds)
        sys.stdout.write(
            f"{subject + ' ' + light:16}  {animals:7}  {filmed:10.1f}  {measured:12.1f}  {measured / filmed:5.1f}"
            f"  {before:14.1f}  {before_measured:16.1f}\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
