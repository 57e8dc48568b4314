"""What a worker is asked to do. Light to import, unlike the analysis itself with its networks."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pipeline
from models import registry
from pipeline.behaviour.weights import digest_in_use
from pipeline.footage.deployments import Deployments
from pipeline.settings import Settings
from pipeline.store.result import AnalysisKey

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


def analysis_key(settings: Settings) -> AnalysisKey:
    """What the results of an analysis under these settings hang on.

    Raises:
        ModelError: a network is not on this machine.
    """
    names = (settings.detector.model, settings.species.model, KIND_HEAD)
    digests = {name: registry.digest(name) for name in names} | digest_in_use(settings)
    return AnalysisKey(pipeline.__version__, digests, settings.digest())
