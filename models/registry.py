"""The models that Ethotrap knows: where their weights lie, what their classes mean, whether a file is the right one.

Weights that ship lie in `models/weights`. Those with a url are pulled into a folder of the user's: `ETHOTRAP_MODELS`,
or `ethotrap/models` in the user's cache. A YAML file of the shape of `registry.yaml`, named by `ETHOTRAP_REGISTRY`,
adds models of one's own; their files are looked for beside it.
"""

import hashlib
import http.client
import os
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from pipeline.errors import ConfigError, ModelError
from pipeline.values import Kind
from pipeline.yaml_file import read_yaml

REGISTRY = Path(__file__).resolve().parent / "registry.yaml"
WEIGHTS = Path(__file__).resolve().parent / "weights"
REQUIRED = {"file", "task", "licence", "source"}
OPTIONAL = {"image_size", "sha256", "size_bytes", "card", "classes", "url"}
CHUNK = 1 << 20  # bytes
TIMEOUT_S = 60

Progress = Callable[[int, int | None], None]


class Task(StrEnum):
    """What a model is for."""

    DETECT = "detect"
    SPECIES = "species"
    KIND = "kind"
    BEHAVIOUR = "behaviour"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model of the registry."""

    name: str
    task: Task
    path: Path  # where its weights lie, or will lie once pulled
    licence: str
    source: str
    image_size: tuple[int, int]  # height, width in pixels; 0, 0 for a network that sees no pictures
    sha256: str | None = None
    size_bytes: int | None = None
    url: str | None = None
    card: Path | None = None
    classes: dict[int, Kind] = field(default_factory=dict)  # of a detector


def load_registry(path: Path = REGISTRY) -> dict[str, ModelEntry]:
    """Every model by name: those of `path`, and those of the file that `ETHOTRAP_REGISTRY` names.

    Raises:
        ModelError: a file cannot be read, an entry is wrong, or a name is given twice; the entry is named.
    """
    entries = _read(path, WEIGHTS)
    own = os.environ.get("ETHOTRAP_REGISTRY")
    if own:
        added = _read(Path(own), Path(own).resolve().parent)
        for name in added.keys() & entries.keys():
            raise ModelError(f"{own}: the name {name!r} is taken by {path}; choose another")
        entries |= added
    return entries


def find(name: str) -> ModelEntry:
    """The registry's entry for `name`.

    Raises:
        ModelError: there is none; those that exist are named.
    """
    registry = load_registry()
    if name not in registry:
        raise ModelError(f"no model is called {name!r}; there are: {', '.join(registry)}")
    return registry[name]


def weights_path(name: str) -> Path:
    """The model's file on this machine.

    Raises:
        ModelError: the model is unknown or its file is not here; the message says how to get it.
    """
    entry = find(name)
    if not entry.path.is_file():
        raise ModelError(f"the weights of {name} are not at {entry.path}; {_remedy(entry)}")
    return entry.path


def digest(name: str) -> str:
    """SHA-256 of the model's file, hexadecimal. Read again only if the file has changed since.

    Raises:
        ModelError: as `weights_path`.
    """
    return digest_of(weights_path(name))


def digest_of(path: Path) -> str:
    """SHA-256 of a file of weights, hexadecimal. Read again only if the file has changed since."""
    stat = path.stat()
    return _sha256(path, stat.st_mtime_ns, stat.st_size)


def verify(name: str) -> None:
    """Make sure that the model's file is the one that the registry, or the first pull, recorded.

    Raises:
        ModelError: the file is missing, altered, or nothing is recorded to compare it with.
    """
    entry = find(name)
    found = digest(name)
    expected = entry.sha256 or _recorded(entry)
    if expected is None:
        raise ModelError(
            f"no digest is recorded for {name}; add `sha256: {found}` to its entry if you trust {entry.path}"
        )
    if found != expected:
        raise ModelError(
            f"{entry.path} is altered: its SHA-256 is {found}, not {expected}; {_remedy(entry, altered=True)}"
        )


def pull(name: str, progress: Progress | None = None) -> Path:
    """Download the model's weights unless they are here already, and check them.

    Args:
        name: a model with a url.
        progress: told the bytes received so far and the bytes in all (None if the server does not say).

    Raises:
        ModelError: the model has no url, the download fails, or its digest is not the recorded one.
    """
    entry = find(name)
    if entry.url is None:
        return weights_path(name)
    if not entry.path.is_file():
        _download(entry, entry.url, progress or _silent)
    verify(name)
    return entry.path


def models_folder() -> Path:
    """The folder that weights are pulled into."""
    chosen = os.environ.get("ETHOTRAP_MODELS")
    if chosen:
        return Path(chosen)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "ethotrap" / "models"


def _read(path: Path, folder: Path) -> dict[str, ModelEntry]:
    try:
        tree = read_yaml(path, "the model registry")
    except ConfigError as error:
        raise ModelError(str(error)) from error
    models = tree.get("models") if isinstance(tree, dict) else None
    if not isinstance(models, dict):
        raise ModelError(f"{path} lists no models: expected `models:` with one entry a model")
    return {str(name): _entry(str(name), fields, folder, path) for name, fields in models.items()}


def _entry(name: str, fields: Any, folder: Path, registry: Path) -> ModelEntry:
    where = f"{registry}, model {name!r}"
    if not isinstance(fields, dict):
        raise ModelError(f"{where}: expected keys such as `file:` and `task:`")
    needed = REQUIRED if fields.get("task") == Task.BEHAVIOUR else REQUIRED | {"image_size"}
    for key in needed - fields.keys():
        raise ModelError(f"{where}: the key {key!r} is missing")
    for key in fields.keys() - REQUIRED - OPTIONAL:
        raise ModelError(f"{where}: {key!r} is no key; there are {', '.join(sorted(REQUIRED | OPTIONAL))}")
    url, card = fields.get("url"), fields.get("card")
    try:
        height, width = (int(side) for side in fields.get("image_size", (0, 0)))
        return ModelEntry(
            name=name,
            task=Task(fields["task"]),
            path=(folder if url is None else models_folder()) / fields["file"],
            licence=fields["licence"],
            source=fields["source"],
            image_size=(height, width),
            sha256=fields.get("sha256"),
            size_bytes=fields.get("size_bytes"),
            url=url,
            card=None if card is None else folder / card,
            classes={int(number): Kind(kind) for number, kind in (fields.get("classes") or {}).items()},
        )
    except (TypeError, ValueError) as error:
        raise ModelError(f"{where}: {error}") from error


def _remedy(entry: ModelEntry, *, altered: bool = False) -> str:
    if entry.url is not None:
        return f"{'delete it, then ' if altered else ''}run `ethotrap models pull {entry.name}`"
    if entry.path.parent == WEIGHTS:
        return "it ships with Ethotrap: restore it from the repository, or install Ethotrap again"
    return "put the file there, or correct its registry entry"


@lru_cache(maxsize=64)
def _sha256(path: Path, mtime_ns: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _record(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _recorded(entry: ModelEntry) -> str | None:
    record = _record(entry.path)
    return record.read_text(encoding="ascii").split()[0] if record.is_file() else None


def _silent(received: int, total: int | None) -> None:
    """Report nothing."""


def _download(entry: ModelEntry, url: str, progress: Progress) -> None:
    """Fetch into a temporary file beside the target; only whole and right files get the target's name."""
    entry.path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=entry.path.parent, prefix=f".{entry.path.name}.", delete=False) as partial:
        try:
            found = _receive(url, partial, progress)
        except (OSError, http.client.HTTPException) as error:
            Path(partial.name).unlink()
            raise ModelError(f"cannot download {entry.name} from {url}: {error}; check the connection") from error
        except BaseException:
            Path(partial.name).unlink()
            raise
    expected = entry.sha256 or _recorded(entry)
    if expected is not None and found != expected:
        Path(partial.name).unlink()
        raise ModelError(f"{url} gave a file with SHA-256 {found}, not {expected}; nothing was kept")
    if entry.sha256 is None:
        _record(entry.path).write_text(f"{found}  {entry.path.name}\n", encoding="ascii")
    Path(partial.name).replace(entry.path)


def _receive(url: str, target: IO[bytes], progress: Progress) -> str:
    """Copy what `url` gives into `target`; the SHA-256 of it, hexadecimal."""
    _refuse_unsafe(url)
    sha256, received = hashlib.sha256(), 0
    with urllib.request.build_opener(_SafeRedirects).open(url, timeout=TIMEOUT_S) as response:
        length = response.headers.get("Content-Length")
        total = None if length is None else int(length)
        while chunk := response.read(CHUNK):
            target.write(chunk)
            sha256.update(chunk)
            received += len(chunk)
            progress(received, total)
    if total is not None and received != total:
        raise OSError(f"the connection ended after {received} of {total} bytes")
    return sha256.hexdigest()


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        _refuse_unsafe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refuse_unsafe(url: str) -> None:
    """Weights are code: take them only over https, or from this very machine."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname == "127.0.0.1"):
        raise ModelError(f"refused to download {url}: weights come over https only")
