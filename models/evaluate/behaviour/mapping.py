"""Other people's words for behaviour, and the codes of the ethogram that they mean."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.evaluate.behaviour.values import EMPTY
from pipeline.behaviour.ethogram import UNKNOWN, Ethogram
from pipeline.errors import ConfigError
from pipeline.yaml_file import fault, read_yaml

SHIPPED = "behaviour-mapping.yaml"


class Vocabulary(BaseModel):
    """The words of one data set or project."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1, description="whose words they are")
    labels: dict[str, str | tuple[str, ...] | None] = Field(description="word to code, codes, `empty` or null")


class MappingFile(BaseModel):
    """A mapping file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(ge=1)
    vocabularies: dict[str, Vocabulary]


class Translator:
    """Looks words up, in one vocabulary or in all."""

    def __init__(self, vocabularies: dict[str, dict[str, tuple[str, ...]]], ethogram: Ethogram) -> None:
        self._vocabularies = vocabularies
        self._codes = frozenset(ethogram.codes())
        self._names: dict[str, tuple[str, ...]] = {}
        for one in ethogram.behaviours:
            self._names[_plain(one.name)] = (*self._names.get(_plain(one.name), ()), one.code)

    def codes(self, word: str) -> tuple[str, ...] | None:
        """The codes that a word means, any of them right; None: nothing of ours, so that the label is left out.

        A code of the ethogram means itself, unless the one vocabulary in use says otherwise, and what no vocabulary
        knows may be a name in the ethogram, of several behaviours even.

        Raises:
            ConfigError: vocabularies disagree about the word.
        """
        plain = _plain(word)
        itself = plain in self._codes or plain == EMPTY
        if itself and not (len(self._vocabularies) == 1 and self._known(plain)):
            return (plain,)
        known = self._known(plain)
        if len(set(known.values())) > 1:
            raise ConfigError(f"{word!r} means one thing in {' and another in '.join(known)}; choose with --vocabulary")
        if not known and plain in self._names:
            return self._names[plain]
        return next(iter(known.values()), ()) or None

    def dense_codes(self, activity: str, action: str) -> tuple[str, ...] | None:
        """The codes of an activity and an action that were annotated together, as in MammAlps.

        The pair is looked up first, then the activity with any action, then the action, then the activity. What cannot
        be told gives way to what can.
        """
        found: list[tuple[str, ...]] = []
        for word in (f"{activity}/{action}", f"{activity}/*", action, activity):
            plain = _plain(word)
            if self._known(plain) or plain in self._codes:
                codes = self.codes(word)
                if codes != (UNKNOWN,):
                    return codes
                found.append(codes)
        return found[0] if found else None

    def _known(self, plain: str) -> dict[str, tuple[str, ...]]:
        return {name: labels[plain] for name, labels in self._vocabularies.items() if plain in labels}


def load_translator(path: Path, ethogram: Ethogram, vocabulary: str | None = None) -> Translator:
    """Read a mapping file and check that it speaks of behaviours that there are.

    Args:
        path: the file.
        ethogram: whose codes words mean.
        vocabulary: use this one alone; None: all of them.

    Raises:
        ConfigError: the file cannot be read, an entry is wrong, or there is no such vocabulary; the message names it.
    """
    try:
        read = MappingFile.model_validate(read_yaml(path, "the mapping"))
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'the file'}: {fault(e)}" for e in error.errors()]
        raise ConfigError("\n".join([f"wrong mapping {path}:", *lines])) from error
    codes = frozenset(ethogram.codes())
    wrong = [
        f"  {name}, {word!r}: the ethogram has no behaviour {code!r}"
        for name, word, code in _meanings(read)
        if code not in codes and code != EMPTY
    ]
    if wrong:
        raise ConfigError("\n".join([f"wrong mapping {path}:", *wrong]))
    if vocabulary is not None and vocabulary not in read.vocabularies:
        raise ConfigError(f"{path} has no vocabulary {vocabulary!r}; it has {', '.join(read.vocabularies)}")
    chosen = [vocabulary] if vocabulary is not None else list(read.vocabularies)
    labels = {
        name: {_plain(word): _as_codes(meant) for word, meant in read.vocabularies[name].labels.items()}
        for name in chosen
    }
    return Translator(labels, ethogram)


def _meanings(read: MappingFile) -> Iterator[tuple[str, str, str]]:
    for name, vocabulary in read.vocabularies.items():
        for word, meant in vocabulary.labels.items():
            for code in _as_codes(meant):
                yield name, word, code


def _as_codes(meant: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if meant is None:
        return ()
    return (meant,) if isinstance(meant, str) else meant


def _plain(word: str) -> str:
    return word.strip().casefold().replace("-", "_").replace(" ", "_")
