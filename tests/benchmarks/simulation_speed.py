"""How long does the simulated trap need for a bout, and how much less without shading? Time both, and say.

    python -m tests.benchmarks.simulation_speed [SECONDS]

Each row is one clip of 480 x 270 pixels and 15 frames a second, made in turns in one process with all that belongs
to it: the place, the coats, the renderer, every frame, the film and the truth beside it. The first pair of clips warms
up and is not counted. Times are seconds of the processor's time.
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from models.simulate.order import Order
from models.simulate.renderer import choose_renderer
from models.simulate.station import set_up

SCENES = (("travel", "day"), ("travel", "infrared"), ("play", "day"), ("play", "infrared"))
SECONDS = 6.0
SIZE = (480, 270)
FRAMES_A_SECOND = 15


def time_of(order: Order) -> float:
    """Seconds of processor time to make a clip."""
    from models.simulate.scene import make_scene

    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        make_scene(order, Path(folder))
        return time.process_time() - started


def main() -> None:
    """Time every scene both ways and print a table."""
    choose_renderer()
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    cameras = [seed for seed in range(1000) if set_up(seed, *SIZE).fps == FRAMES_A_SECOND]
    sys.stdout.write("scene             filmed_s  measured_s  ratio\n")
    for number, (subject, light) in enumerate((SCENES[0], *SCENES)):
        order = Order(
            name="speed",
            subject=subject,
            light="day" if light == "day" else "infrared",
            split="train",
            camera_seed=cameras[number],
            motion_seed=5,
            coat_seed=5,
            seconds=seconds,
            width=SIZE[0],
            height=SIZE[1],
        )
        filmed, measured = time_of(order), time_of(replace(order, shaded=False))
        if number:
            sys.stdout.write(f"{subject + ' ' + light:16}  {filmed:8.1f}  {measured:10.2f}  {filmed / measured:5.1f}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
