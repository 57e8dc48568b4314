from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import registry
from pipeline.errors import ModelError
from pipeline.tracking.detect import STRIDE, Detector, merge, network_size
from pipeline.values import Detection, Kind

SIDES = st.integers(8, 8000)


class TestNetworkSize:
    @given(SIDES, SIDES, st.sampled_from([320, 640, 1280]))
    def test_sides_are_multiples_of_the_stride(self, width: int, height: int, long_side: int) -> None:
        rows, columns = network_size(width, height, long_side)
        assert rows % STRIDE == columns % STRIDE == 0
        assert min(rows, columns) >= STRIDE
        assert max(rows, columns) <= long_side

    @given(st.integers(320, 8000), st.floats(0.4, 2.5))
    def test_the_shape_is_kept_to_within_one_stride(self, width: int, aspect: float) -> None:
        height = round(width / aspect)
        rows, columns = network_size(width, height, 640)
        scale = min(columns / width, rows / height)
        assert columns - width * scale < 2 * STRIDE
        assert rows - height * scale < 2 * STRIDE

    def test_the_pictures_of_traps(self) -> None:
        assert network_size(1920, 1080, 640) == (384, 640)
        assert network_size(1280, 960, 640) == (480, 640)
        assert network_size(1080, 1920, 640) == (640, 384)

    def test_a_tiny_picture_is_not_blown_up(self) -> None:
        assert network_size(106, 60, 640) == (128, 224)
        assert network_size(26, 20, 640) == (64, 64)


class TestSecondLook:
    """A large box of the second look completes what the first look found."""

    WHOLE = (0.1, 0.1, 0.8, 0.8)
    HEAD, TAIL = (0.6, 0.2, 0.2, 0.2), (0.12, 0.3, 0.1, 0.1)

    @staticmethod
    def box(box: tuple[float, float, float, float], score: float) -> Detection:
        return Detection(box, score, Kind.ANIMAL)

    def test_what_only_it_saw_is_added(self) -> None:
        close = self.box(self.WHOLE, 0.6)
        assert merge([], [close]) == [close]

    def test_an_animal_takes_the_place_of_its_head(self) -> None:
        close = self.box(self.WHOLE, 0.6)
        assert merge([self.box(self.HEAD, 0.4), self.box(self.TAIL, 0.1)], [close]) == [close]

    def test_but_not_if_the_first_look_was_surer(self) -> None:
        head = self.box(self.HEAD, 0.7)
        assert merge([head], [self.box(self.WHOLE, 0.6)]) == [head]

    def test_two_sure_animals_are_not_put_into_one_box(self) -> None:
        pair = [self.box(self.HEAD, 0.5), self.box(self.TAIL, 0.4)]
        assert merge(pair, [self.box(self.WHOLE, 0.6)]) == pair

    def test_an_animal_elsewhere_stays_and_the_surest_comes_first(self) -> None:
        close, elsewhere = self.box((0.4, 0.1, 0.5, 0.8), 0.6), self.box((0.0, 0.0, 0.2, 0.2), 0.9)
        assert merge([elsewhere], [close]) == [elsewhere, close]


class TestDetector:
    @pytest.mark.parametrize("name", ["weights.onnx", "weights.pt"])
    def test_weights_that_are_no_network_are_refused_at_once(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"half a download " * 100)
        with pytest.raises(ModelError, match=rf"{name}: Ultralytics cannot load this detector"):
            Detector(tmp_path / name, {0: Kind.ANIMAL}, long_side=640, min_score=0.1)

    def test_weights_that_are_not_there_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match=r"gone\.onnx"):
            Detector(tmp_path / "gone.onnx", {0: Kind.ANIMAL}, long_side=640, min_score=0.1)

    def test_the_shipped_one_sees_nothing_in_a_picture_of_nothing(self) -> None:
        detect = Detector(
            registry.weights_path("megadetector-lite-tuned"), {0: Kind.ANIMAL}, long_side=320, min_score=0.1
        )
        assert detect(np.full((180, 320, 3), 90, np.uint8)) == []
