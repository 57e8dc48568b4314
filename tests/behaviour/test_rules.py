import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.behaviour.classifier import Scene
from pipeline.behaviour.ethogram import UNKNOWN, load_ethogram
from pipeline.behaviour.rules import Rules
from pipeline.settings import find_config
from pipeline.values import Features
from tests.behaviour.tracks import features_of, samples_of

T = np.arange(0, 12, 1 / 6)
N = len(T)


def beliefs(features: Features) -> np.ndarray:
    """The rules' probabilities for the only animal of a scene."""
    boxes = samples_of(features.t, np.full((len(features.t), 2), 500.0), (300, 200))
    return Rules()(Scene((boxes,), (features,), 16 / 9), 0)


def likeliest(features: Features) -> list[str]:
    """The likeliest behaviour at each sample."""
    return [Rules.codes[i] for i in beliefs(features).argmax(axis=1)]


@st.composite
def any_features(draw: st.DrawFn) -> Features:
    n = draw(st.integers(1, 30))
    t = np.cumsum(draw(hnp.arrays(float, n, elements=st.floats(0.02, 5))))

    def series(low: float, high: float, nan: bool = False) -> np.ndarray:
        values = st.floats(low, high) | st.just(np.nan) if nan else st.floats(low, high)
        return draw(hnp.arrays(float, n, elements=values))

    flags = hnp.arrays(bool, n)
    return Features(
        t,
        speed=series(0, 30),
        stretch=series(0.05, 20),
        height=series(0.02, 20),
        inner_motion=series(0, 1, nan=True),
        visible=draw(flags),
        body_length=0.2,
        edge=draw(flags),
        approach=series(-30, 30),
    )


@given(any_features())
def test_whatever_the_motion_the_probabilities_of_a_sample_sum_to_1(features: Features) -> None:
    probabilities = beliefs(features)
    assert probabilities.shape == (len(features.t), len(Rules.codes))
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_they_name_only_what_the_ethogram_says_is_recognised() -> None:
    ethogram = load_ethogram(find_config("ethogram.yaml"))
    assert set(Rules.codes) < {behaviour.code for behaviour in ethogram.behaviours if behaviour.recognised}
    assert UNKNOWN in Rules.codes


@pytest.mark.parametrize(
    ("behaviour", "speed", "fields"),
    [
        ("chase", 3.5, {"inner_motion": 0.6}),
        ("travel", 0.8, {"inner_motion": 0.4}),
        ("travel", 0.2, {"inner_motion": 0.4}),
        ("travel", 0.02, {"inner_motion": 0.4, "stretch": 0.6, "approach": 0.5}),  # straight at the camera
        ("travel", 0.02, {"inner_motion": 0.4, "stretch": 0.6, "approach": -0.5}),
        ("rest", 0.0, {"stretch": 2.2}),
        ("vigilance", 0.0, {"stretch": 0.8, "height": 0.9}),
        ("vigilance", 0.02, {"stretch": 1.2, "inner_motion": 0.15}),
    ],
)
def test_motion_is_named(behaviour: str, speed: float, fields: dict[str, float]) -> None:
    assert likeliest(features_of(T, speed, **fields)) == [behaviour] * N


def test_a_head_that_goes_down_while_the_body_moves_in_place_is_feeding() -> None:
    height = np.where(T < 4, 0.8, 0.55)
    named = likeliest(features_of(T, 0.02, height=height, inner_motion=0.3))
    assert set(named[: N // 4]) == {"vigilance"}
    assert set(named[N // 2 :]) == {"feed"}


def test_an_animal_that_has_just_stopped_is_not_yet_resting() -> None:
    named = likeliest(features_of(T, np.where((T > 5) & (T < 8), 0.0, 0.8), stretch=2.2))
    assert "rest" not in named
    assert named[N // 2] == "vigilance"


def test_without_any_measured_motion_inside_the_box_still_is_still() -> None:
    assert set(likeliest(features_of(T, 0.0, stretch=2.2, inner_motion=np.nan))) == {"rest"}


@pytest.mark.parametrize("hindrance", [{"visible": False}, {"edge": True}])
def test_what_is_hardly_seen_is_less_sure_and_more_unknown(hindrance: dict[str, bool]) -> None:
    clear, hindered = (beliefs(features_of(T, 0.8, inner_motion=0.4, **fields)) for fields in ({}, hindrance))
    travel, unknown = Rules.codes.index("travel"), Rules.codes.index(UNKNOWN)
    assert (hindered[:, travel] < clear[:, travel]).all()
    assert (hindered[:, unknown] > clear[:, unknown]).all()


def test_an_animal_out_of_sight_is_unknown() -> None:
    assert set(likeliest(features_of(T, 0.8, visible=False))) == {UNKNOWN}
