import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models import registry
from models.behaviour.cameras import HELD_SHARE, LEAST_BOUTS, cameras_of, part_cameras, place_of, split_by_camera
from models.behaviour.comparing import name_clip
from models.behaviour.exporting import write_network
from models.behaviour.learning import learn
from models.behaviour.measured import Measured
from models.behaviour.retraining import Retraining, codes_with, material, retrain
from pipeline.behaviour.classifier import Classifier
from pipeline.behaviour.ethogram import load_ethogram
from pipeline.behaviour.network import BehaviourNetwork
from pipeline.behaviour.rules import Rules
from pipeline.behaviour.weights import CURRENT, OWN, with_archives_own
from pipeline.errors import ConfigError, ModelError, StoreError
from pipeline.job import analysis_key
from pipeline.settings import Settings, find_config, load_settings
from tests.models.made_up_clips import CODES, SEEN, clip, simulated

EPOCHS = 20
FIRST = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


def labelled(cameras: int, each: int = 5) -> list[Measured]:
    return [clip(number, number % cameras) for number in range(cameras * each)]


class TestCameras:
    @given(st.lists(st.integers(0, 10**12), min_size=3, max_size=30, unique=True))
    def test_no_camera_is_in_two_parts_and_none_is_lost(self, cameras: list[int]) -> None:
        made = clip(1, 0)
        clips = [_at(made, camera) for camera in cameras for _ in range(LEAST_BOUTS)]
        parts = split_by_camera(clips)
        apart = [set(cameras_of(part)) for part in (parts.learned, parts.calibrated, parts.compared)]
        assert set.union(*apart) == set(cameras)
        assert sum(len(part) for part in apart) == len(cameras)
        assert len(apart[2]) >= 2
        assert apart[0]

    @given(st.lists(st.integers(0, 10**12), min_size=4, max_size=20, unique=True))
    def test_a_new_camera_never_lets_one_that_was_learned_from_be_compared_on(self, cameras: list[int]) -> None:
        made = clip(1, 0)
        clips = [_at(made, camera) for camera in cameras for _ in range(LEAST_BOUTS)]
        assume(any(place_of(camera) >= HELD_SHARE for camera in cameras[:-1]))
        before = split_by_camera([one for one in clips if one.camera != cameras[-1]])
        after = split_by_camera(clips)
        assert not set(cameras_of(before.learned)) & set(cameras_of(after.compared))

    def test_with_too_few_it_is_said_how_many_are_needed_and_where(self) -> None:
        with pytest.raises(ConfigError, match="come from 2 locations, and at least 3 are needed"):
            split_by_camera(labelled(cameras=2))
        with pytest.raises(ConfigError, match=r"labelled bouts to learn from.* at least 10 are needed"):
            split_by_camera(labelled(cameras=3, each=1))
        bouts = dict(zip(sorted(range(3), key=place_of), (5, 4, 30), strict=True))
        names = {camera: f"place {camera}" for camera in bouts}
        with pytest.raises(ConfigError, match=r"9 labelled bouts to compare on.* alone: place \d, place \d$"):
            part_cameras(bouts, names)


def _at(made: Measured, camera: int) -> Measured:
    return Measured(**{**{name: getattr(made, name) for name in made.__slots__}, "camera": camera})


class TestMaterial:
    def test_nothing_that_is_compared_on_is_learned_from(self) -> None:
        parts = split_by_camera(labelled(cameras=6))
        learned, spared = material(parts, simulated(), CODES)
        held = set(cameras_of(parts.compared))
        assert not held & {one.camera for one in learned + spared}
        assert not {one.camera for one in learned} & {one.camera for one in spared}

    def test_peoples_few_clips_weigh_about_as_much_as_the_simulated_ones(self) -> None:
        parts = split_by_camera(labelled(cameras=4, each=3))
        learned, _ = material(parts, simulated(48), CODES)
        theirs = sum(one.camera < 1000 for one in learned)
        assert 0.3 < theirs / len(learned) < 0.7

    def test_a_behaviour_of_the_parks_own_is_learned_once_it_is_labelled_often(self) -> None:
        often = [clip(number, number, ("wallow", "rest")) for number in range(10)]
        assert codes_with(CODES, often) == ("travel", "rest", "wallow", "unknown")
        assert codes_with(CODES, often[:9]) == CODES


@pytest.fixture(scope="module")
def clips() -> list[Measured]:
    return labelled(cameras=4)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(environment={})


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


@pytest.fixture(scope="module")
def poor(archive: Path) -> Classifier:
    """A network that learned each word for the other, in use in the archive under no date."""
    wrong = simulated(words=("rest", "travel"))
    (archive / CURRENT).parent.mkdir()
    write_network(learn(wrong.examples, len(CODES), 1, EPOCHS), CODES, {}, SEEN, archive / CURRENT)
    return BehaviourNetwork(archive / CURRENT)


def again(clips: list[Measured], archive: Path, in_use: Classifier, settings: Settings, now: datetime) -> Retraining:
    ethogram = load_ethogram(find_config(settings.behaviour.ethogram))
    return retrain(clips, simulated(), archive, in_use, settings.behaviour, ethogram, now=now, seed=1, epochs=EPOCHS)


@pytest.fixture(scope="module")
def better(clips: list[Measured], archive: Path, poor: Classifier, settings: Settings) -> Retraining:
    return again(clips, archive, poor, settings, FIRST)


class TestReplacing:
    def test_a_poor_network_is_replaced_and_stays_beside(self, better: Retraining, archive: Path) -> None:
        assert better.replaced
        assert better.contest.retrained.macro_f1.value > 0.8 > better.contest.in_use.macro_f1.value
        assert better.network == archive / "models/behaviour-20261101-020000.onnx"
        assert (archive / CURRENT).read_bytes() == better.network.read_bytes()
        replaced = archive / "models/behaviour-before-20261101-020000.onnx"
        assert registry.digest_of(replaced) != registry.digest_of(better.network)
        assert BehaviourNetwork(replaced).codes == CODES

    def test_the_account_beside_it_says_what_it_rests_on(self, better: Retraining, archive: Path) -> None:
        account = json.loads(better.network.with_suffix(".json").read_text())
        assert account["replaced"] is True
        assert account["sha256"] == registry.digest_of(better.network)
        assert account["people"]["compared"]["cameras"] == list(cameras_of(better.parts.compared))
        assert account["people"]["learned"]["bouts"] == {"rest": 10, "travel": 10}
        assert account["retrained"]["macro_f1"]["value"] > account["in_use"]["macro_f1"]["value"]
        assert json.loads((archive / CURRENT).with_suffix(".json").read_text()) == account

    def test_a_network_as_good_as_the_new_one_stays_in_use(
        self, clips: list[Measured], better: Retraining, archive: Path, settings: Settings
    ) -> None:
        before = (archive / CURRENT).read_bytes()
        came = again(clips, archive, BehaviourNetwork(archive / CURRENT), settings, FIRST + timedelta(days=30))
        assert not came.replaced
        assert (archive / CURRENT).read_bytes() == before
        assert came.network.is_file()
        assert better.network.is_file()

    def test_what_is_labelled_too_seldom_to_be_learned_is_told(self, better: Retraining) -> None:
        assert better.not_learned == {}
        wallowing = replace(better.parts.learned[0].bouts[0], behaviour="wallow")
        learned = (replace(better.parts.learned[0], bouts=(wallowing,)), *better.parts.learned[1:])
        assert replace(better, parts=replace(better.parts, learned=learned)).not_learned == {"wallow": 1}

    def test_a_folder_that_cannot_be_written_is_named_and_changes_nothing(
        self, clips: list[Measured], settings: Settings, poor: Classifier, tmp_path: Path
    ) -> None:
        (tmp_path / CURRENT).parent.write_text("in the way")
        with pytest.raises(StoreError, match=r"cannot write to .*models.*: File exists; the network in use stays"):
            again(clips, tmp_path, poor, settings, FIRST)


class TestEthogram:
    def test_what_is_switched_off_is_named_by_neither(self, clips: list[Measured], settings: Settings) -> None:
        ethogram = load_ethogram(find_config(settings.behaviour.ethogram))
        off = [one.model_copy(update={"enabled": one.code != "travel"}) for one in ethogram.behaviours]
        said = {
            bout.behaviour
            for one in clips[:3]
            for bout in name_clip(
                one, Rules(), settings.behaviour, ethogram=ethogram.model_copy(update={"behaviours": tuple(off)})
            ).predicted
        }
        known = {bout.behaviour for one in clips[:3] for bout in name_clip(one, Rules(), settings.behaviour).predicted}
        assert "travel" in known
        assert said == known - {"travel"} | {"unknown"}


class TestNightlyRun:
    def test_the_archives_own_network_is_used_and_belongs_to_the_key(
        self, better: Retraining, archive: Path, settings: Settings, tmp_path: Path
    ) -> None:
        own = with_archives_own(settings, archive)
        named = own.behaviour.model_file
        assert named is not None
        assert named != archive / CURRENT
        assert registry.digest_of(named) == registry.digest_of(better.network)
        assert analysis_key(own).models[OWN] == registry.digest_of(better.network)
        assert analysis_key(own).digest != analysis_key(settings).digest
        assert with_archives_own(settings, tmp_path) == settings

    def test_another_network_is_another_key_and_another_folder_is_not(
        self, better: Retraining, archive: Path, settings: Settings, tmp_path: Path
    ) -> None:
        key = analysis_key(with_archives_own(settings, archive))
        moved = tmp_path / "moved.onnx"
        moved.write_bytes(better.network.read_bytes())
        assert analysis_key(naming(moved)).digest == key.digest
        other = archive / "models/behaviour-before-20261101-020000.onnx"
        assert analysis_key(naming(other)).digest != key.digest

    def test_what_the_settings_name_wins(self, better: Retraining, archive: Path, tmp_path: Path) -> None:
        named = naming(tmp_path / "none.onnx")
        assert with_archives_own(named, archive) == named
        with pytest.raises(ModelError, match=r"there is no behaviour network .*none\.onnx"):
            analysis_key(named)


def naming(network: Path) -> Settings:
    return load_settings(environment={"ETHOTRAP_BEHAVIOUR__MODEL": str(network)})
