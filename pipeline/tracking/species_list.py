"""The region's species, and what an ImageNet classifier's belief says about them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.errors import ConfigError
from pipeline.values import Array
from pipeline.yaml_file import fault, read_yaml

IMAGENET_CLASSES = 1000


@dataclass(frozen=True, slots=True)
class Species:
    """One species of the region, or a group where no classifier tells its members apart."""

    code: str  # what the database and the command line call it
    scientific_name: str
    name: str  # English
    group: str
    domestic: bool
    imagenet: tuple[int, ...]  # classes of ImageNet-1k that speak for it; none: the classifier never names it
    weight: float = 1.0  # of its classes' belief, 0..1
    patterned: bool = False  # no two coats are alike: an individual can be known again by its flank


def load_species(path: Path) -> tuple[Species, ...]:
    """The species that a file such as `configs/species.yaml` lists, in its order.

    Raises:
        ConfigError: the file cannot be read, an entry is wrong, or two entries share a code or a class; it is named.
    """
    tree = read_yaml(path, "the list of species")
    try:
        entries = _ENTRIES.validate_python(tree)
    except ValidationError as error:
        lines = [f"  {_place(tree, e['loc'])}: {fault(e)} (got {e['input']!r})" for e in error.errors()]
        raise ConfigError("\n".join([f"wrong entries in the list of species {path}:", *lines])) from error
    species = tuple(_species(entry) for entry in entries)
    _refuse_shared(species, path)
    return species


def regional_probabilities(probabilities: Array, species: tuple[Species, ...]) -> tuple[dict[str, float], float]:
    """What the classifier believes an animal to be, among the region's species alone.

    Averages over the crops, sums the classes of each species, multiplies by the species' weight, and divides by the
    sum of that over the region.

    Args:
        probabilities: (n, 1000) one row a crop of the same animal, each row summing to 1; n at least 1.
        species: the region's; those without a class are left out of the answer.

    Returns:
        Probability by species code, summing to 1 (all 0 if nothing was believed to be of the region); and the share
        (0..1) of the whole belief that lay on the region's species before dividing.

    Raises:
        ValueError: the array has another shape, or no row.
    """
    if probabilities.ndim != 2 or probabilities.shape[1] != IMAGENET_CLASSES or len(probabilities) == 0:
        raise ValueError(f"expected (n, {IMAGENET_CLASSES}) with n at least 1, got {probabilities.shape}")
    belief = probabilities.mean(axis=0, dtype=np.float64)
    known = [one for one in species if one.imagenet]
    sums = {one.code: float(belief[list(one.imagenet)].sum()) for one in known}
    weighted = {one.code: sums[one.code] * one.weight for one in known}
    total = sum(weighted.values())
    if total == 0:
        return weighted, 0.0
    return {code: value / total for code, value in weighted.items()}, sum(sums.values())


def _classes(value: Any) -> Any:
    """[3, "5-7"] as [3, 5, 6, 7]; anything else is left for the validation to refuse."""
    if not isinstance(value, list):
        return value
    classes: list[Any] = []
    for item in value:
        first, dash, last = str(item).partition("-")
        if dash and first.isdigit() and last.isdigit():
            classes.extend(range(int(first), int(last) + 1))
        else:
            classes.append(item)
    return classes


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    code: str = Field(pattern=r"^[a-z][a-z-]*$")
    scientific_name: str = Field(min_length=1)
    name: str = Field(min_length=1)
    group: str = Field(min_length=1)
    domestic: bool
    imagenet: Annotated[
        list[Annotated[int, Field(ge=0, lt=IMAGENET_CLASSES)]],
        BeforeValidator(_classes),
    ]
    weight: float = Field(default=1.0, gt=0, le=1)
    patterned: bool = False


def _species(entry: _Entry) -> Species:
    return Species(**{**entry.model_dump(), "imagenet": tuple(entry.imagenet)})


_ENTRIES = TypeAdapter(Annotated[list[_Entry], Field(min_length=1)])


def _place(tree: Any, location: tuple[int | str, ...]) -> str:
    """Where in the file a complaint belongs: the entry's code if it has one, else its position, then the key."""
    if not location or not isinstance(location[0], int):
        return "the file"
    entry = tree[location[0]]
    code = entry.get("code") if isinstance(entry, dict) else None
    return ".".join([f"{code!r}" if code else f"entry {location[0] + 1}", *map(str, location[1:])])


def _refuse_shared(species: tuple[Species, ...], path: Path) -> None:
    codes: set[str] = set()
    owner: dict[int, str] = {}
    for one in species:
        if one.code in codes:
            raise ConfigError(f"{path}: the code {one.code!r} is given twice")
        codes.add(one.code)
        for number in one.imagenet:
            if number in owner:
                raise ConfigError(f"{path}: class {number} speaks for {owner[number]!r} and for {one.code!r}")
            owner[number] = one.code
