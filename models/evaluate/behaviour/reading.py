"""Labels from wherever they are: one file of any format, a folder of them, or what people said of an archive."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.evaluate.behaviour.labels import Labels
from models.evaluate.behaviour.labels_csv import is_boris, read_boris, read_csv, read_table
from models.evaluate.behaviour.labels_mammalps import read_mammalps
from models.evaluate.behaviour.labels_simulated import read_simulated
from models.evaluate.behaviour.mapping import Translator
from pipeline.errors import ConfigError

TABLES = (".csv", ".tsv")
VIDEOS = (".mp4", ".avi", ".mov", ".asf", ".mkv", ".wmv", ".m4v", ".mpg")


def read_labels(path: Path, translator: Translator) -> Labels:
    """Labels of a file, or of every JSON file in a folder and those below it.

    Args:
        path: CSV of ours or BORIS's aggregated events (.csv, .tsv); MammAlps' or a simulator's JSON; or a folder.
        translator: of the words that they use.

    Raises:
        ConfigError: a file cannot be read or is none of these, or a folder has no labels.
    """
    if path.is_dir():
        files = sorted(path.rglob("*.json"))
        if not files:
            raise ConfigError(f"there are no labels (*.json) in {path} or below; name the file if they are in a table")
        return merged([read_labels(file, translator) for file in files])
    if path.suffix.casefold() in TABLES:
        table = read_table(path)
        return read_boris(table, translator) if is_boris(table) else read_csv(table, translator)
    return _read_json(path, translator)


def merged(many: Sequence[Labels]) -> Labels:
    """The labels of several files as one."""
    left_out: Counter[str] = Counter()
    for one in many:
        left_out.update(one.left_out)
    return Labels(
        kind=", ".join(dict.fromkeys(one.kind for one in many)),
        videos=tuple(video for one in many for video in one.videos),
        left_out=dict(left_out),
        notes=tuple(dict.fromkeys(note for one in many for note in one.notes)),
    )


def _read_json(path: Path, translator: Translator) -> Labels:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the labels {path}: {error.strerror}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the labels {path} are neither a table (.csv, .tsv) nor JSON: {error}") from error
    if not isinstance(tree, Mapping) or not {"animals", "frames"} & set(tree):
        raise ConfigError(f"{path} is neither a MammAlps annotation ('frames') nor a simulator's truth ('animals')")
    try:
        return _read_tree(tree, path, translator)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ConfigError(f"{path} is not as MammAlps or the simulator write labels: {error!r}") from error


def _read_tree(tree: Mapping[str, Any], path: Path, translator: Translator) -> Labels:
    beside = next((one for one in sorted(path.parent.glob(f"{path.stem}.*")) if one.suffix.casefold() in VIDEOS), None)
    if "animals" in tree:
        return read_simulated(tree, path, beside)
    return read_mammalps(tree, beside, translator)
