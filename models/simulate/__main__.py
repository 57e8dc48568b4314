"""`python -m models.simulate --out tests/footage --sheet docs/pictures/demo-contact-sheet.jpg` makes what ships."""

import argparse
import logging
from pathlib import Path

from models.simulate.renderer import choose_renderer


def main() -> None:
    """Renders every shipped clip with its truth, the deployments table and, if asked, the contact sheet."""
    parser = argparse.ArgumentParser(prog="python -m models.simulate", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the clips")
    parser.add_argument("--clip", action="append", help="only this clip, by name; may be repeated")
    parser.add_argument("--sheet", type=Path, help="also write a contact sheet (JPEG) here")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    choose_renderer()

    from models.simulate.deployments import write_deployments
    from models.simulate.scene import make_scene
    from models.simulate.sheet import write_sheet
    from models.simulate.shipped import shipped_orders

    for name, order in shipped_orders().items():
        if chosen.clip is None or name in chosen.clip:
            logging.getLogger(__name__).info("%s: %s", name, make_scene(order, chosen.out))
    write_deployments(chosen.out / "deployments.csv")
    if chosen.sheet is not None:
        write_sheet(chosen.out, chosen.sheet, count=2, abreast=2)


if __name__ == "__main__":
    main()
