"""Which behaviour network is in use: the settings' word, or what an archive has learned from its own people.

`ethotrap train behaviour` leaves networks in the archive: `models/behaviour-DATE.onnx` each time, and a copy of the
best one as `models/behaviour.onnx`. That is used wherever the settings leave `behaviour.model` as it is by default.
"""

from pathlib import Path

from models import registry
from pipeline.errors import ModelError
from pipeline.settings import RULES, Settings, load_settings

FOLDER = Path("models")  # of the archive
CURRENT = FOLDER / "behaviour.onnx"  # the archive's network that is in use
OWN = "behaviour network of one's own"  # what stands for a file in an analysis' key, wherever it lies


def with_archives_own(settings: Settings, archive: Path) -> Settings:
    """The settings under which an archive's videos are analysed: with its own behaviour network, where it has one.

    A setting that is not the default stays. What is named then is the copy that bears its date, which nothing ever
    replaces, so that a run keeps to one network although a better one may come meanwhile.

    Args:
        settings: as they were read.
        archive: its folder.
    """
    current = archive / CURRENT
    if settings.behaviour.model != load_settings(None, {}).behaviour.model or not current.is_file():
        return settings
    wanted = registry.digest_of(current)
    dated = sorted(current.parent.glob(f"{current.stem}-*{current.suffix}"), reverse=True)
    same = next((path for path in dated if registry.digest_of(path) == wanted), current)
    return settings.model_copy(
        update={"behaviour": settings.behaviour.model_copy(update={"model": str(same.resolve())})}
    )


def weights_in_use(settings: Settings) -> Path | None:
    """The file of the behaviour network that the settings name; None where rules take its place.

    Raises:
        ModelError: it is not on this machine.
    """
    file = settings.behaviour.model_file
    if file is None:
        return None if settings.behaviour.model == RULES else registry.weights_path(settings.behaviour.model)
    if not file.is_file():
        raise ModelError(f"there is no behaviour network {file}; correct `behaviour.model` in the settings")
    return file


def digest_in_use(settings: Settings) -> dict[str, str]:
    """By the network's name, the SHA-256 of its file; empty where rules take its place.

    Raises:
        ModelError: it is not on this machine.
    """
    weights = weights_in_use(settings)
    if weights is None:
        return {}
    return {OWN if settings.behaviour.model_file else settings.behaviour.model: registry.digest_of(weights)}
