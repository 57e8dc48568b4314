"""Data sets of simulated clips: what a recipe orders, how the splits stay apart, and how clips are made from it."""

import importlib.util
import subprocess
import sys
import time
from collections import Counter, defaultdict
from ctypes.util import find_library
from itertools import combinations
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.command import status_of
from models.simulate.order import SUBJECTS, coat_of
from models.simulate.producing import produce, require_renderer
from models.simulate.recipe import Recipe, orders_of, read_recipe
from models.simulate.split import SPLITS, seeds_of, split_of
from models.simulate.station import set_up
from models.simulate.walks import MARKED, leads_across, walk_orders
from pipeline.errors import ConfigError, EthotrapError

REPOSITORY = Path(__file__).parents[2]
EVERYWHERE = {"travel": 30, "play": 7, "empty": 4}

needs_renderer = pytest.mark.skipif(
    importlib.util.find_spec("dm_control") is None or find_library("OSMesa") is None,
    reason="needs ethotrap[simulate] and Debian's libosmesa6",
)


def recipe(**fields: object) -> Recipe:
    return Recipe.model_validate({"splits": {split: EVERYWHERE for split in SPLITS}, **fields})


@given(seed=st.integers(0, 2_999_999))
def test_a_seed_belongs_to_one_split(seed: int) -> None:
    assert [split for split in SPLITS if seed in seeds_of(split)] == [split_of(seed)]


@given(seed=st.one_of(st.integers(max_value=-1), st.integers(min_value=3_000_000)))
def test_a_seed_outside_the_splits_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="belongs to no split"):
        split_of(seed)


@given(seed=st.integers(0, 10_000), cameras=st.integers(1, 60))
def test_training_and_testing_share_no_camera_no_coat_and_no_performance(seed: int, cameras: int) -> None:
    for order in orders_of(recipe(seed=seed, cameras=cameras)):
        assert {split_of(order.camera_seed), split_of(order.motion_seed), split_of(order.coat_seed)} == {order.split}


def test_what_is_tested_on_was_never_trained_on() -> None:
    """Over every clip of the recipes that ship, with the coats of all animals that act in one."""
    used: dict[str, dict[str, set[object]]] = {split: defaultdict(set) for split in SPLITS}
    for name in ("simulation-recipe.yaml", "evaluation-recipe.yaml", "health-recipe.yaml"):
        for order in orders_of(read_recipe(REPOSITORY / "configs" / name)):
            mine = used[order.split]
            mine["cameras"].add(order.camera_seed)
            mine["places"].add(order.name.split("/")[1])
            mine["performances"].add(order.motion_seed)
            mine["coats"] |= {coat_of(order, number) for number in range(4)} | {one.coat for one in order.cast}
    for one, other in combinations(SPLITS, 2):
        for what, seeds in used[one].items():
            assert seeds, what
            assert not seeds & used[other][what], f"{what} of {one} and {other}"


def test_the_evaluation_recipe_asks_for_test_clips_of_everything_half_of_them_at_night() -> None:
    orders = orders_of(read_recipe(REPOSITORY / "configs" / "evaluation-recipe.yaml"))
    assert {order.split for order in orders} == {"test"}
    assert {order.subject for order in orders} == set(SUBJECTS)
    counts = Counter(order.subject for order in orders)
    assert (counts["empty"], counts.total() - counts["empty"] - counts["person"]) == (40, 146)
    assert sum(order.light == "infrared" for order in orders) * 2 == len(orders)


def test_the_health_recipe_asks_for_walks_of_known_lameness_girth_and_frame_rate() -> None:
    wanted = read_recipe(REPOSITORY / "configs" / "health-recipe.yaml")
    orders = orders_of(wanted)
    walkers = [one for order in orders for one in order.cast]
    assert len({order.name for order in orders}) == len(walkers) == 96
    rates = [set_up(order.camera_seed, order.width, order.height).fps for order in orders]
    assert Counter(rates) == {rate: 12 * wanted.frame_rates.count(rate) for rate in set(wanted.frame_rates)}
    assert 0.3 < sum(one.limp == 0 for one in walkers) / 96 < 0.5
    assert sum(one.limp == MARKED for one in walkers) >= 20
    assert {one.lame_leg for one in walkers} == {"hind_L", "hind_R", "fore_L", "fore_R"}
    assert min(one.girth for one in walkers) < 0.8 < 1.25 < max(one.girth for one in walkers)
    assert sum(leads_across(order) for order in orders[:24]) >= 0.5 * 24


def test_more_walks_leave_the_others_as_they_are() -> None:
    few, many = (walk_orders(count, frame_rates=(15, 25)) for count in (3, 5))
    assert many[:3] == few


def test_a_frame_rate_that_no_trap_has_is_refused() -> None:
    with pytest.raises(ValueError, match="no simulated trap films 17 frames a second"):
        walk_orders(1, frame_rates=(17,))


def test_a_recipe_orders_what_it_says() -> None:
    orders = orders_of(recipe(infrared=0.25, seconds=3.5))
    assert Counter((order.split, order.subject) for order in orders) == {
        (split, subject): count for split in SPLITS for subject, count in EVERYWHERE.items()
    }
    nights = Counter(order.subject for order in orders if order.light == "infrared")
    assert nights == {"travel": 3 * 8, "play": 3 * 2, "empty": 3 * 1}
    assert {order.seconds for order in orders} == {3.5}
    assert len({order.name for order in orders}) == len(orders)
    assert len({order.motion_seed for order in orders}) == len(orders)


def test_a_split_has_no_more_cameras_than_wanted() -> None:
    orders = orders_of(recipe(cameras=5))
    for split in SPLITS:
        assert 3 <= len({order.camera_seed for order in orders if order.split == split}) <= 5


def test_more_clips_of_a_behaviour_leave_the_others_as_they_are() -> None:
    few = set(orders_of(Recipe.of_one("train", "rub", 5, infrared=1)))
    many = set(orders_of(Recipe.of_one("train", "rub", 9, infrared=1)))
    assert few < many


def test_another_seed_gives_other_clips() -> None:
    first, second = (orders_of(Recipe.of_one("test", "feed", 6, seed=seed)) for seed in (1, 2))
    assert not {order.motion_seed for order in first} & {order.motion_seed for order in second}


def test_the_recipe_that_ships_asks_for_some_two_thousand_clips_of_every_behaviour() -> None:
    orders = orders_of(read_recipe(REPOSITORY / "configs" / "simulation-recipe.yaml"))
    assert len(orders) == 2200
    assert {order.subject for order in orders} == set(SUBJECTS) - {"person"}
    assert {order.seconds for order in orders} == {6.0}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("splits: {train: {dance: 3}}", "'dance' cannot be simulated"),
        ("splits: {train: {play: -1}}", "play: -1 clips"),
        ("splits: {holiday: {play: 1}}", "splits.holiday"),
        ("splits: {train: {play: 1}}\nfps: 15", "fps: there is no such key"),
        ("splits: {train: {play: 1}}\nwidth: 481", "width: .* multiple of 2"),
        ("splits: [", "is no YAML"),
        ("seed: 3", "it asks for nothing"),
        ("walks: {test: 4}\nframe_rates: [17]", "frame_rates.0"),
    ],
)
def test_a_wrong_recipe_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=says) as caught:
        read_recipe(path)
    assert str(path) in str(caught.value)


def test_a_recipe_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the recipe"):
        read_recipe(tmp_path / "none.yaml")


def test_the_command_line_starts_without_the_simulator() -> None:
    code = "import sys, flows.command; print(sorted({'dm_control', 'mujoco'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_without_the_extra_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dm_control", None)
    with pytest.raises(EthotrapError, match=r"pip install 'ethotrap\[simulate\]'"):
        require_renderer()


@needs_renderer
@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        (("--n", "0"), "Must be >= 1"),
        (("--workers", "0"), "Must be >= 1"),
        (("--sheet", "sheet.txt"), "its name must end in .jpg"),
        (("--out", "there"), "cannot write to there: File exists"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused_without_a_traceback(
    wish: tuple[str, str],
    answer: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there").write_text("a file", encoding="utf-8")
    wishes = {"--behaviour": "empty", "--out": "clips", "--n": "1"} | dict([wish])
    assert status_of(["simulate", *(word for pair in wishes.items() for word in pair)]) == 2
    said = capsys.readouterr()
    assert answer in " ".join((said.out + said.err).split())
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@needs_renderer
def test_clips_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    orders = orders_of(Recipe.of_one("train", "empty", 3, seconds=0.4, width=64, height=36))
    told: list[str] = []
    first = produce(orders[:2], tmp_path, 1, told.append)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*0*.*")}
    second = produce(orders, tmp_path, 1, told.append)
    assert (first.made, first.skipped, first.failed) == (2, 0, ())
    assert (second.made, second.skipped, second.failed) == (1, 2, ())
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert Counter(told) == Counter([order.name for order in orders] + [order.name for order in orders[:2]])
    truths = {path.relative_to(tmp_path).with_suffix("").as_posix() for path in tmp_path.rglob("*.json")}
    assert truths == {order.name for order in orders}


@needs_renderer
def test_renderers_end_with_the_command_however_it_ends(tmp_path: Path) -> None:
    words = ("simulate", "--behaviour", "empty", "--n", "200", "--seconds", "0.4", "--out", str(tmp_path))
    command = subprocess.Popen([sys.executable, "-m", "flows.command", *words], cwd=REPOSITORY)
    while not list(tmp_path.rglob("*.json")):
        assert command.poll() is None
        time.sleep(0.1)
    renderers = [one for one in psutil.Process(command.pid).children() if "spawn_main" in " ".join(one.cmdline())]
    command.kill()
    command.wait()
    assert renderers
    assert psutil.wait_procs(renderers, 10)[1] == []
