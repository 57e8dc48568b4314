"""Which renderer MuJoCo takes. To be settled before MuJoCo is first imported in a process."""

import os

SOFTWARE = "osmesa"


def choose_renderer() -> None:
    """Take Mesa's software renderer, which needs no screen, unless `MUJOCO_GL` names another.

    A parent process that imported MuJoCo for its arithmetic leaves another one in `PYOPENGL_PLATFORM`.
    """
    chosen = os.environ.setdefault("MUJOCO_GL", SOFTWARE)
    if chosen == SOFTWARE:
        os.environ["PYOPENGL_PLATFORM"] = SOFTWARE
        os.environ.setdefault("LP_NUM_THREADS", "1")  # Mesa's threads: every clip has a process of its own already
