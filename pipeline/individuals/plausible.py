"""What nobody can mean, refused as a decision is made. Older logs may hold it, and are replayed all the same."""

from datetime import datetime, timedelta

from pipeline.errors import RegistryError
from pipeline.individuals.animals import Individual, alike, sex_in_code
from pipeline.individuals.decisions import Traits
from pipeline.individuals.registry import Registry

_AHEAD = timedelta(hours=14)  # the zone that is furthest on has tomorrow's date for so long


def check_traits(traits: Traits, at: datetime) -> None:
    """Raise unless all that is said of an animal can be so on the day on which it is said.

    Args:
        traits: what is said.
        at: when, aware.

    Raises:
        RegistryError: a day is yet to come, or a name, mark or tag has no letter or blanks around it.
    """
    for what, day in (("born", traits.born), ("died", traits.died), ("seen so", traits.stage_from)):
        if day is not None and day > (at + _AHEAD).date():
            raise RegistryError(f"nothing was {what} on {day}, which is yet to come; correct the year")
    check_words(*traits.names, *traits.marks, *traits.tags)


def check_words(*words: str) -> None:
    """Raise unless each can be a name, a mark or a tag.

    Raises:
        RegistryError: one is empty, holds line breaks, or has blanks around it.
    """
    for word in words:
        if not word or word != word.strip() or not word.isprintable():
            raise RegistryError(f"{word!r} is no word to keep; write at least a letter, without blanks around it")


def check_unlike(registry: Registry, code: str, *, but: int | None = None) -> None:
    """Raise if a new code can be taken for one that an animal bears or bore.

    Args:
        registry: as it stands.
        code: the new one.
        but: id of the animal that gets it, whose own codes it may resemble.

    Raises:
        RegistryError: it differs by blanks, hyphens, case, leading zeros or look-alike letters alone.
    """
    others = (one for one in registry.individuals.values() if one.individual_id != but)
    for animal in others:
        for taken in (animal.code, *animal.former_codes):
            if alike(taken) == alike(code) and taken.casefold() != code.casefold():  # the same one is refused anyway
                raise RegistryError(f"{code!r} looks like {taken!r}, which is or was the code of {animal.code}")


def check_sex_kept(animal: Individual, traits: Traits) -> None:
    """Raise if the sex that an animal's own code says is to be forgotten.

    Raises:
        RegistryError: it is.
    """
    said = sex_in_code(animal.code)
    if "sex" in traits.forget and said is not None:
        raise RegistryError(f"the code {animal.code!r} says {said}; to forget it, rename the animal")
