import cv2
import numpy as np
import pytest

from pipeline.tracking.detect import Detector
from pipeline.values import Kind
from tests.models.three_class_network import write_three_class_network

BLUE, GREEN, RED, GREY = (230, 20, 20), (20, 230, 20), (20, 20, 230), (110, 120, 115)
KINDS = {0: Kind.ANIMAL, 1: Kind.PERSON, 2: Kind.VEHICLE}


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    path = tmp_path_factory.mktemp("network") / "three-class.onnx"
    write_three_class_network(path)
    return Detector(path, KINDS, long_side=640, min_score=0.1)


def test_each_colour_is_found_as_its_kind_where_it_is(detector: Detector) -> None:
    picture = np.full((360, 640, 3), GREY, dtype=np.uint8)
    places = {
        Kind.ANIMAL: (BLUE, (40, 60, 120, 90)),
        Kind.PERSON: (RED, (300, 30, 60, 200)),
        Kind.VEHICLE: (GREEN, (400, 220, 200, 100)),
    }
    for colour, (x, y, w, h) in places.values():
        cv2.rectangle(picture, (x, y), (x + w - 1, y + h - 1), colour, cv2.FILLED)

    found = {detection.kind: detection for detection in detector(picture)}

    assert found.keys() == places.keys()
    for kind, (_, (x, y, w, h)) in places.items():
        expected = (x / 640, y / 360, w / 640, h / 360)
        assert found[kind].box == pytest.approx(expected, abs=2 / 360)
        assert found[kind].score == pytest.approx(0.9, abs=0.01)


def test_a_grey_picture_holds_nothing(detector: Detector) -> None:
    assert detector(np.full((360, 640, 3), GREY, dtype=np.uint8)) == []


@pytest.mark.parametrize("shape", [(480, 640), (720, 1280), (200, 320)])
def test_a_picture_of_any_shape_gives_the_box_in_its_own_terms(detector: Detector, shape: tuple[int, int]) -> None:
    height, width = shape
    picture = np.full((height, width, 3), GREY, dtype=np.uint8)
    picture[height // 4 : height // 2, width // 2 : 3 * width // 4] = RED

    (person,) = detector(picture)

    assert person.kind is Kind.PERSON
    assert person.box == pytest.approx((0.5, 0.25, 0.25, 0.25), abs=0.015)
