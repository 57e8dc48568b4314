from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.settings import CONFIGS
from pipeline.tracking.species_list import IMAGENET_CLASSES, Species, load_species, regional_probabilities

LEOPARD = Species("leopard", "Panthera pardus orientalis", "Amur leopard", "cat", False, (288, 289))
TIGER = Species("tiger", "Panthera tigris altaica", "Siberian tiger", "cat", False, (292,))
SABLE = Species("sable", "Martes zibellina", "sable", "marten", False, ())
DOG = Species("dog", "Canis familiaris", "domestic dog", "dog", True, (151, 152), weight=0.5)

ENTRY = """
- code: tiger
  scientific_name: Panthera tigris altaica
  name: Siberian tiger
  group: cat
  domestic: false
  imagenet: [292]
"""


def crops(*beliefs: dict[int, float]) -> np.ndarray:
    rows = np.zeros((len(beliefs), IMAGENET_CLASSES))
    for row, belief in zip(rows, beliefs, strict=True):
        row[list(belief)] = list(belief.values())
    return rows


def test_the_shipped_list_names_every_class_at_most_once_and_knows_the_park_s_animals() -> None:
    species = {one.code: one for one in load_species(CONFIGS / "species.yaml")}
    assert {"leopard", "tiger", "brown-bear", "black-bear", "wild-boar", "sika-deer", "domestic-dog"} <= species.keys()
    assert species["leopard"].imagenet[0] == 288
    assert species["domestic-dog"].domestic
    assert set(range(151, 269)) <= set(species["domestic-dog"].imagenet)


def test_belief_is_averaged_over_crops_summed_over_classes_and_renormalised() -> None:
    belief = crops({288: 0.4, 289: 0.2, 292: 0.1, 7: 0.3}, {288: 0.2, 292: 0.3, 7: 0.5})
    scores, share = regional_probabilities(belief, (LEOPARD, TIGER, SABLE))
    assert share == pytest.approx(0.6)
    assert scores == pytest.approx({"leopard": 0.4 / 0.6, "tiger": 0.2 / 0.6})


def test_a_weight_lowers_a_species_but_not_the_share_of_the_region() -> None:
    scores, share = regional_probabilities(crops({151: 0.4, 152: 0.2, 292: 0.3}), (DOG, TIGER))
    assert share == pytest.approx(0.9)
    assert scores == pytest.approx({"dog": 0.5, "tiger": 0.5})


def test_belief_that_lies_outside_the_region_gives_nothing() -> None:
    assert regional_probabilities(crops({7: 1.0}), (LEOPARD, TIGER)) == ({"leopard": 0.0, "tiger": 0.0}, 0.0)


@given(st.lists(st.lists(st.floats(0.001, 1), min_size=6, max_size=6), min_size=1, max_size=5))
def test_probabilities_sum_to_one_whatever_the_classifier_believes(rows: list[list[float]]) -> None:
    numbers = (151, 152, 288, 289, 292, 999)
    belief = crops(*({n: value / sum(row) for n, value in zip(numbers, row, strict=True)} for row in rows))
    scores, share = regional_probabilities(belief, (LEOPARD, TIGER, DOG, SABLE))
    assert sum(scores.values()) == pytest.approx(1)
    assert share == pytest.approx(1 - belief[:, 999].mean())


@pytest.mark.parametrize("shape", [(0, 1000), (1000,), (3, 999)])
def test_an_array_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected \(n, 1000\)"):
        regional_probabilities(np.zeros(shape), (LEOPARD,))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("[292]", "[1000]"), "'tiger'.imagenet"),
        (("[292]", "[tiger]"), "'tiger'.imagenet"),
        (("domestic: false", "domestic: perhaps"), "'tiger'.domestic"),
        (("  name: Siberian tiger\n", ""), "'tiger'.name"),
        (("group: cat", "group: cat\n  colour: striped"), "'tiger'.colour"),
        (("- code: tiger", "- code: TIGER"), "'TIGER'.code"),
        ((ENTRY, "[]"), "the file"),
    ],
)
def test_a_wrong_entry_is_refused_by_its_code_and_key(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    path = tmp_path / "species.yaml"
    path.write_text(ENTRY.replace(*change))
    with pytest.raises(ConfigError, match=complaint):
        load_species(path)


def test_ranges_of_classes_are_spelt_out(tmp_path: Path) -> None:
    path = tmp_path / "species.yaml"
    path.write_text(ENTRY.replace("[292]", "[151-153, 292]"))
    assert load_species(path)[0].imagenet == (151, 152, 153, 292)


def test_a_class_that_speaks_for_two_species_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "species.yaml"
    path.write_text(ENTRY + ENTRY.replace("code: tiger", "code: big-cat"))
    with pytest.raises(ConfigError, match="class 292 speaks for 'tiger' and for 'big-cat'"):
        load_species(path)


def test_a_code_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "species.yaml"
    path.write_text(ENTRY + ENTRY.replace("[292]", "[]"))
    with pytest.raises(ConfigError, match="'tiger' is given twice"):
        load_species(path)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        load_species(tmp_path / "nowhere.yaml")
