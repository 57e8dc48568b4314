"""The behaviour networks of an archive: each stays under its date, and one is in use. Nothing is ever deleted here."""

import json
import shutil
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path

from models import registry
from pipeline.behaviour.weights import CURRENT, FOLDER
from pipeline.store.rows import as_json
from pipeline.whole_file import whole_file


def account_of(network: Path) -> Path:
    """The JSON beside a network, which says what it learned from and how it did."""
    return network.with_suffix(".json")


def write_account(account: Mapping[str, object], network: Path) -> None:
    """Write the JSON beside a network, with the network's digest."""
    said = {**account, "network": network.name, "sha256": registry.digest_of(network)}
    with whole_file(account_of(network)) as unfinished:
        unfinished.write_text(json.dumps(as_json(said), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def cameras_taught(archive: Path) -> dict[str, frozenset[int]]:
    """By the digest of each network that an archive has learned, the cameras whose labels it learned from.

    Those that its beliefs were calibrated on are among them. A network without an account, or with one that cannot be
    read, is not there.

    Args:
        archive: its folder.
    """
    taught: dict[str, frozenset[int]] = {}
    for account in sorted((archive / FOLDER).glob("*.json")):
        try:
            said = json.loads(account.read_text(encoding="utf-8"))
            parts = (said["people"][part]["cameras"] for part in ("learned", "calibrated"))
            taught[said["sha256"]] = frozenset(chain.from_iterable(parts))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return taught


def keep_under_its_date(archive: Path, now: datetime) -> Path | None:
    """Make sure that the network in use stays when it is replaced: if none that bears a date equals it, copy it to one.

    Args:
        archive: its folder.
        now: aware.

    Returns:
        Where it lies; None if the archive has no network of its own.
    """
    current = archive / CURRENT
    if not current.is_file():
        return None
    wanted = registry.digest_of(current)
    for dated in sorted(current.parent.glob(f"{current.stem}-*{current.suffix}")):
        if registry.digest_of(dated) == wanted:
            return dated
    kept = current.with_name(f"{current.stem}-before-{now:%Y%m%d-%H%M%S}{current.suffix}")
    _copy(current, kept)
    if account_of(current).is_file():
        _copy(account_of(current), account_of(kept))
    return kept


def put_in_use(network: Path, archive: Path) -> None:
    """Make a network the archive's own, in one step; the nightly run uses it from the next time on.

    Args:
        network: under its date, with its account.
        archive: its folder.
    """
    current = archive / CURRENT
    current.parent.mkdir(parents=True, exist_ok=True)
    _copy(network, current)
    if account_of(network).is_file():
        _copy(account_of(network), account_of(current))


def _copy(source: Path, target: Path) -> None:
    with whole_file(target) as unfinished:
        shutil.copyfile(source, unfinished)
