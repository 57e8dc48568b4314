import numpy as np

from pipeline.behaviour.classifier import Scene
from pipeline.behaviour.evidence import evidence
from pipeline.behaviour.features import measure
from pipeline.tracking.looks import CELLS
from pipeline.values import Array, Looks, Samples
from tests.behaviour.tracks import PICTURE, features_of, samples_of

T = np.arange(0, 4, 1 / 6)
ASPECT = PICTURE[0] / PICTURE[1]
WHOLE = slice(0, len(T))


def still(x: float = 600.0) -> Array:
    return np.tile([x, 600.0], (len(T), 1))


def scene_of(*samples: Samples) -> Scene:
    return Scene(samples, tuple(measure(one, ASPECT) for one in samples), ASPECT)


def looks_with(change: Array) -> Looks:
    nothing = np.zeros((len(T), CELLS, CELLS))
    flow = np.zeros((len(T), CELLS, CELLS, 2))
    return Looks(nothing, np.tile(change, (len(T), 1, 1)), flow, np.zeros((len(T), 0), dtype=np.float16))


def said(scene: Scene, number: int = 0) -> str:
    return evidence(scene, number, {}, WHOLE, 0)


def test_it_says_how_the_animal_moved_and_what_its_box_was_like() -> None:
    walking = samples_of(T, np.column_stack([400 + 100 * T, np.full(len(T), 600.0)]), (200, 125))
    assert said(scene_of(walking)).startswith("moved at 0.50 body lengths/s; box 1.6 times as wide as high")
    assert said(scene_of(samples_of(T, still(), (200, 125)))).startswith("kept its place for 3.8 s")


def test_it_says_that_the_animal_came_straight_at_the_camera() -> None:
    for along, words in ((0.6, "came nearer at about 0.6 body lengths/s"), (-0.6, "went away at about 0.6")):
        scene = Scene((), (features_of(T, 0.05, approach=along),), ASPECT)
        assert evidence(scene, 0, {}, WHOLE, 0).startswith(words)


def test_it_says_whether_one_that_came_stopped_before_the_camera() -> None:
    far, near = samples_of(T, still(), (200, 125)), samples_of(T, still(), (800, 500))
    comes = features_of(T, approach=np.where(T < 1.5, 0.6, 0.0))
    first = slice(0, 9)
    for samples, words in ((far, "did not stop before the camera"), (near, "; stopped before the camera")):
        assert words in evidence(Scene((samples,), (comes,), ASPECT), 0, {}, first, 0)
    assert "before the camera" not in evidence(Scene((far,), (features_of(T),), ASPECT), 0, {}, first, 0)


def test_an_animal_that_rears_up_has_its_box_on_end() -> None:
    assert "box on end, 1.6 times as high as wide" in said(scene_of(samples_of(T, still(), (125, 200))))


def test_it_says_that_the_animal_crouched_against_its_own_height() -> None:
    features = features_of(T, height=np.where(T < 3, 1.0, 0.6))
    crouched = evidence(Scene((), (features,), ASPECT), 0, {}, slice(19, 24), 0)
    assert "60% of its usual height" in crouched


def test_it_says_where_inside_the_box_something_moved() -> None:
    change = np.zeros((CELLS, CELLS))
    change[4:, :2] = 0.8
    busy = samples_of(T, still(), (200, 125), looks=looks_with(change))
    assert "most movement in the lower left of its box" in said(scene_of(busy))
    quiet = samples_of(T, still(), (200, 125), looks=looks_with(np.zeros((CELLS, CELLS))))
    assert "hardly anything moved inside its box" in said(scene_of(quiet))
    slow = samples_of(T, still(), (200, 125), looks=looks_with(np.full((CELLS, CELLS), np.nan)))
    assert "pictures too far apart" in said(scene_of(slow))


def test_it_says_that_a_time_lapse_tells_nothing() -> None:
    lapse = samples_of(10.0 * T, still(), (200, 125))
    assert "what it does between pictures" in said(scene_of(lapse))
    assert "what it does between pictures" not in said(scene_of(samples_of(T, still(), (200, 125))))


def test_it_says_what_keeping_still_speaks_against() -> None:
    quiet, busy = (looks_with(np.full((CELLS, CELLS), change)) for change in (0.0, 0.05))
    words = "that it kept so still speaks against grooming, feeding and the like"
    assert words in said(scene_of(samples_of(T, still(), (200, 125), looks=quiet)))
    assert words not in said(scene_of(samples_of(T, still(), (200, 125), looks=busy)))


def test_it_says_who_was_near_and_coming() -> None:
    own = samples_of(T, still(600), (200, 125))
    cub = samples_of(T, np.column_stack([1000 - 60 * T, np.full(len(T), 600.0)]), (100, 62))
    words = said(scene_of(own, cub))
    assert "closing in at 0.3 body lengths/s" in words
    assert "the other 0.5 times its size" in words
    assert "another animal" not in said(scene_of(own))


def test_it_names_the_families_of_cues_without_which_the_belief_would_fall() -> None:
    scene = scene_of(samples_of(T, still(), (200, 125)))
    column = np.ones((len(T), 1))
    grounds = {"silhouette": 0.4 * column, "motion": 0.2 * column, "flow": 0.15 * column, "pairs": -0.1 * column}
    assert evidence(scene, 0, grounds, WHOLE, 0).endswith("its silhouette and how it moved spoke most for it")
    assert "spoke" not in evidence(scene, 0, {"motion": 0.01 * column}, WHOLE, 0)


def test_it_says_what_spoke_against_it() -> None:
    hidden = Scene((), (features_of(T, visible=False, edge=True),), ASPECT)
    assert evidence(hidden, 0, {}, WHOLE, 0).endswith("cut off by the picture's edge; small or hardly seen")
