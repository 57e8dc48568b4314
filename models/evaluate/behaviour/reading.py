"""Labels from wherever they are: one file of any format, a folder of them, or what people said of an archive."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.evaluate.behaviour.labels import VIDEOS, Labels
from models.evaluate.behaviour.labels_csv import is_boris, read_boris, read_csv, read_table
from models.evaluate.behaviour.labels_mammalps import read_mammalps
from models.evaluate.behaviour.labels_simulated import read_simulated
from models.evaluate.behaviour.mapping import Translator
from pipeline.errors import ConfigError

TABLES = (".csv", ".tsv")


def read_labels(path: Path, translator: Translator) -> Labels:
    """Labels of a file, or of every JSON file in a folder and those below it.

    Args:
        path: CSV of ours or BORIS's aggregated events (.csv, .tsv); MammAlps' or a simulator's JSON; or a folder.
        translator: of the words that they use.

    Raises:
        ConfigError: a file cannot be read or is none of these, or a folder has no labels.
    """
    if path.is_dir():
        labelled: list[Labels] = []
        others: Counter[str] = Counter()
        for file in sorted(path.rglob("*.json")):
            tree = _tree(file)
            if _has_labels(tree):
                labelled.append(_read_tree(tree, file, translator))
            else:
                others[f"file without labels: {file.name}"] += 1
        if not labelled:
            raise ConfigError(f"there are no labels (*.json) in {path} or below; name the file if they are in a table")
        return merged([*labelled, Labels("", (), others)])
    if path.suffix.casefold() in TABLES:
        table = read_table(path)
        return read_boris(table, translator) if is_boris(table) else read_csv(table, translator)
    tree = _tree(path)
    if not _has_labels(tree):
        raise ConfigError(f"{path} is neither a MammAlps annotation ('frames') nor a simulator's truth ('animals')")
    return _read_tree(tree, path, translator)


def merged(many: Sequence[Labels]) -> Labels:
    """The labels of several files as one."""
    left_out: Counter[str] = Counter()
    for one in many:
        left_out.update(one.left_out)
    return Labels(
        kind=", ".join(dict.fromkeys(one.kind for one in many if one.videos)),
        videos=tuple(video for one in many for video in one.videos),
        left_out=dict(left_out),
        notes=tuple(dict.fromkeys(note for one in many for note in one.notes)),
    )


def _tree(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the labels {path}: {error.strerror}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the labels {path} are neither a table (.csv, .tsv) nor JSON: {error}") from error


def _has_labels(tree: object) -> bool:
    return isinstance(tree, Mapping) and bool({"animals", "frames"} & set(tree))


def _read_tree(tree: Mapping[str, Any], path: Path, translator: Translator) -> Labels:
    beside = next((one for one in sorted(path.parent.glob(f"{path.stem}.*")) if one.suffix.casefold() in VIDEOS), None)
    try:
        if "animals" in tree:
            return read_simulated(tree, path, beside)
        return read_mammalps(tree, beside, translator)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ConfigError(f"{path} is not as MammAlps or the simulator write labels: {error!r}") from error
