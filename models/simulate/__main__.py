"""`python -m models.simulate --out tests/footage --seed 7` renders the clips that ship."""

import argparse
import logging
import os
from pathlib import Path


def main() -> None:
    """Renders every shipped clip, its truth, the deployments table and, if asked, the contact sheet."""
    parser = argparse.ArgumentParser(prog="python -m models.simulate", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the clips")
    parser.add_argument("--seed", type=int, default=7, help="another seed, another world")
    parser.add_argument("--clip", action="append", help="only this clip, by name; may be repeated")
    parser.add_argument("--sheet", type=Path, help="also write a contact sheet (JPEG) here")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    os.environ.setdefault("MUJOCO_GL", "osmesa")  # MuJoCo reads it when it is first imported

    from models.simulate.clips import make_clip, shipped_clips
    from models.simulate.deployments import write_deployments
    from models.simulate.sheet import write_sheet

    for clip in shipped_clips():
        if chosen.clip is None or clip.name in chosen.clip:
            truth = make_clip(clip, chosen.seed, chosen.out)
            logging.getLogger(__name__).info("%s: %d frames", clip.name, truth.video.frames)
    write_deployments(chosen.out / "deployments.csv")
    if chosen.sheet is not None:
        write_sheet(chosen.out, chosen.sheet)


if __name__ == "__main__":
    main()
