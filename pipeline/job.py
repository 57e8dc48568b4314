"""What a worker is asked to do. Light to import, unlike the analysis itself with its networks."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pipeline
from models import registry
from pipeline.behaviour.ethogram import load_ethogram
from pipeline.behaviour.weights import digest_in_use
from pipeline.footage.deployments import Deployments
from pipeline.settings import NETWORK_SUFFIX, Settings, find_config
from pipeline.store.result import AnalysisKey
from pipeline.values import Deployment

KIND_HEAD = "kind-head"  # its name in the registry


@dataclass(frozen=True, slots=True)
class Job:
    """One video to analyse, and all that decides what comes out."""

    media_id: str
    path: Path
    size_bytes: int
    roots: tuple[Path, ...]
    deployments: Deployments | None
    now: datetime  # aware; nothing is filmed later
    key: AnalysisKey
    settings: Settings
    work: Path  # a folder of its own, into which its files are written; made anew
    on_record: Deployment | None = None  # where the archive holds it to have been filmed


def analysis_key(settings: Settings) -> AnalysisKey:
    """What the results of an analysis under these settings hang on.

    Raises:
        ModelError: a network is not on this machine.
    """
    names = (settings.detector.model, settings.species.model, KIND_HEAD)
    digests = {name: registry.digest(name) for name in names} | digest_in_use(settings)
    return AnalysisKey(pipeline.__version__, digests, settings_digest(settings))


def settings_digest(settings: Settings) -> str:
    """First 12 hex digits of the SHA-256 of every setting that can change a result, and of the files that they name.

    How the work is spread (workers, batch, timeouts) is left out: it changes no result. So is where a behaviour
    network's file lies: what it holds counts, and has a digest of its own in an analysis' key. Of the ethogram only
    what can be named counts, so that another name or definition makes nothing pending.

    Raises:
        ConfigError: a file that the settings name is missing, or the ethogram is wrong.
    """
    semantic = settings.model_dump(mode="json")
    for key in ("workers", "batch", "timeout_s", "timeout_per_mb"):
        del semantic["run"][key]
    if settings.behaviour.model_file is not None:
        semantic["behaviour"]["model"] = NETWORK_SUFFIX
    del semantic["behaviour"]["ethogram"]
    semantic["ethogram"] = load_ethogram(find_config(settings.behaviour.ethogram)).what_counts()
    text = json.dumps(semantic, sort_keys=True, separators=(",", ":"))
    text += find_config(settings.species.list).read_text(encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()[:12]
