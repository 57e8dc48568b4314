from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.individuals.pattern import UNIT, describe, read_pattern, rooted, write_pattern
from tests.individuals.painted import paint


def test_features_lie_on_the_animal_and_none_on_the_grass_around_it() -> None:
    picture, mask = paint(3)
    pattern = describe(picture, mask)
    rows, columns = (pattern.places[:, ::-1] * mask.shape).astype(int).T
    assert len(pattern) > 50
    assert mask[rows, columns].all()


def test_the_background_changes_nothing() -> None:
    picture, mask = paint(3)
    other = np.where(mask[..., None], picture, 255 - picture).astype(np.uint8)
    assert np.array_equal(describe(picture, mask).descriptors, describe(other, mask).descriptors)


def test_a_larger_picture_of_the_same_animal_gives_nearly_the_same_features() -> None:
    picture, mask = paint(3)
    large = cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    small, larger = describe(picture, mask), describe(np.asarray(large), np.repeat(np.repeat(mask, 3, 0), 3, 1))
    nearest = (small.descriptors.astype(float) @ larger.descriptors.T.astype(float)).argmax(axis=1)
    apart = np.linalg.norm(small.points - larger.points[nearest], axis=1)
    assert (apart < 0.05).mean() > 0.6


def test_at_most_as_many_features_are_kept_as_were_asked_for() -> None:
    assert len(describe(*paint(3), most=40)) == 40


def test_an_animal_of_a_few_pixels_has_no_features() -> None:
    picture, mask = paint(3)
    assert len(describe(picture[::16, ::16], mask[::16, ::16])) == 0


def test_an_empty_mask_has_no_features() -> None:
    picture, mask = paint(3)
    assert len(describe(picture, np.zeros_like(mask))) == 0


def test_a_mask_of_another_size_is_refused() -> None:
    picture, mask = paint(3)
    with pytest.raises(ValueError, match="mask of that size"):
        describe(picture, mask[1:])


def test_rooted_descriptors_have_one_length_whatever_the_contrast() -> None:
    raw = np.random.default_rng(1).uniform(0, 60, (5, 128)).astype(np.float32)
    lengths = np.linalg.norm(rooted(raw).astype(float), axis=1)
    assert np.allclose(lengths, UNIT, rtol=0.01)
    assert np.array_equal(rooted(raw), rooted(raw * 4))


def test_a_pattern_survives_its_file(tmp_path: Path) -> None:
    pattern = describe(*paint(3))
    write_pattern(pattern, tmp_path / "view.npz")
    again = read_pattern(tmp_path / "view.npz")
    for name in ("places", "points", "scales", "descriptors"):
        assert np.array_equal(getattr(pattern, name), getattr(again, name))
    assert (tmp_path / "view.npz").stat().st_size < 60_000


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"PK\x03\x04 torn"])
def test_a_file_without_a_pattern_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "torn.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"torn\.npz"):
        read_pattern(tmp_path / "torn.npz")
