"""Which renderer MuJoCo takes. To be settled before MuJoCo is first imported in a process."""

import os

SOFTWARE = "osmesa"
NONE = "disabled"  # what MuJoCo takes for no renderer at all, in a process that only calculates


def chosen_renderer() -> str:
    """The renderer that `MUJOCO_GL` names, or the software renderer where it names none."""
    named = os.environ.get("MUJOCO_GL", NONE)
    return SOFTWARE if named == NONE else named


def choose_renderer() -> None:
    """Take Mesa's software renderer, which needs no screen, unless `MUJOCO_GL` names another.

    A parent process that imported MuJoCo for its arithmetic leaves another one in `PYOPENGL_PLATFORM`.
    """
    os.environ["MUJOCO_GL"] = chosen_renderer()
    if chosen_renderer() == SOFTWARE:
        os.environ["PYOPENGL_PLATFORM"] = SOFTWARE
        os.environ.setdefault("LP_NUM_THREADS", "0")  # no threads of its own: every clip has a process already
