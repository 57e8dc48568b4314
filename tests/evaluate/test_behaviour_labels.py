"""Words of others have a meaning of ours, and labels of MammAlps and of simulated clips are read."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from models.evaluate.behaviour.mapping import Translator, load_translator
from models.evaluate.behaviour.reading import read_labels
from models.evaluate.behaviour.values import EMPTY
from pipeline.behaviour.ethogram import UNKNOWN, Ethogram
from pipeline.errors import ConfigError
from tests.evaluate.labels import written


class TestWords:
    def mapping(self, path: Path, **vocabularies: dict[str, Any]) -> Path:
        tree = {"version": 1, "vocabularies": {n: {"source": "us", "labels": m} for n, m in vocabularies.items()}}
        return written(path / "mapping.yaml", yaml.safe_dump(tree))

    @pytest.mark.parametrize(
        ("word", "codes"),
        [
            ("travel", ("travel",)),
            ("Head_Up", ("vigilance",)),
            ("Walking-Running", ("travel", "family_travel", "chase")),
            ("Occluded", (UNKNOWN,)),
            ("empty", (EMPTY,)),
            ("Infant-Carrying", None),
            ("dancing", None),
        ],
    )
    def test_words_of_known_data_sets_have_a_meaning_or_none(
        self, translator: Translator, word: str, codes: tuple[str, ...] | None
    ) -> None:
        assert translator.codes(word) == codes

    @pytest.mark.parametrize(
        ("activity", "action", "codes"),
        [
            ("vigilance", "walking", ("travel", "family_travel")),
            ("foraging", "walking", ("travel", "family_travel", "feed")),
            ("playing", "running", ("play",)),
            ("foraging", "unknown", ("feed",)),
            ("unknown", "sniffing", ("investigate",)),
            ("unknown", "unknown", (UNKNOWN,)),
            ("grooming", "none", ("groom",)),
            ("unknown", "vocalizing", None),
        ],
    )
    def test_an_activity_and_an_action_are_read_together(
        self, translator: Translator, activity: str, action: str, codes: tuple[str, ...] | None
    ) -> None:
        assert translator.dense_codes(activity, action) == codes

    def test_vocabularies_that_disagree_ask_which_is_meant(self, tmp_path: Path, ethogram: Ethogram) -> None:
        path = self.mapping(tmp_path, ours={"hop": "play", "travel": "rest"}, theirs={"hop": "travel"})
        with pytest.raises(ConfigError, match=r"'hop' means one thing in ours and another in theirs.*--vocabulary"):
            load_translator(path, ethogram).codes("hop")
        assert load_translator(path, ethogram).codes("travel") == ("travel",)
        chosen = load_translator(path, ethogram, "ours")
        assert chosen.codes("hop") == ("play",)
        assert chosen.codes("travel") == ("rest",)
        assert chosen.codes("feed") == ("feed",)

    def test_a_name_that_people_read_means_its_code_unless_a_vocabulary_says_otherwise(
        self, tmp_path: Path, ethogram: Ethogram
    ) -> None:
        path = self.mapping(tmp_path, ours={"Threat or fight": "play"}, theirs={"carry prey": None})
        assert load_translator(path, ethogram, "theirs").codes("Threat or Fight") == ("agonistic",)
        assert load_translator(path, ethogram).codes("threat or fight") == ("play",)
        assert load_translator(path, ethogram).codes("carry prey") is None
        alike = [ethogram.get(code).model_copy(update={"name": "fight"}) for code in ("carry", "play")]
        both = ethogram.model_copy(update={"behaviours": (*alike, ethogram.get(UNKNOWN))})
        assert load_translator(self.mapping(tmp_path, ours={}), both).codes("Fight") == ("carry", "play")

    def test_a_meaning_that_is_not_in_the_ethogram_is_named(self, tmp_path: Path, ethogram: Ethogram) -> None:
        path = self.mapping(tmp_path, ours={"hop": ["play", "dance"]})
        with pytest.raises(ConfigError, match=r"mapping.yaml:\n  ours, 'hop': the ethogram has no behaviour 'dance'"):
            load_translator(path, ethogram)

    def test_a_vocabulary_that_is_not_there_is_named(self, tmp_path: Path, ethogram: Ethogram) -> None:
        with pytest.raises(ConfigError, match=r"has no vocabulary 'boris'; it has ours"):
            load_translator(self.mapping(tmp_path, ours={}), ethogram, "boris")

    @pytest.mark.parametrize("text", ["", "version: 1", "a: [", "version: 1\nvocabularies: {x: {labels: {}}}"])
    def test_a_file_that_is_wrong(self, tmp_path: Path, ethogram: Ethogram, text: str) -> None:
        with pytest.raises(ConfigError, match=r"mapping .*m\.yaml"):
            load_translator(written(tmp_path / "m.yaml", text), ethogram)


def frame(number: int, *animals: tuple[int, list[int], str, str, str]) -> dict[str, Any]:
    return {
        "frame_id": number,
        "detections": [
            {
                "track_id": track,
                "bbox": box,
                "attributes": {"activity": activity, "action": action, "action2": second, "species": "red_deer"},
            }
            for track, box, activity, action, second in animals
        ],
    }


class TestMammalps:
    def tree(self, *frames: dict[str, Any]) -> str:
        info = {
            "site_id": "S1",
            "cam_id": "C2",
            "file_id": "S1_C2_E4_V0016",
            "duration_s": 2.0,
            "fps": 10.0,
            "resolution": "200x100",
        }
        return json.dumps({"info": info, "frames": list(frames)})

    def test_frames_become_bouts_of_each_animal_with_boxes(self, tmp_path: Path, translator: Translator) -> None:
        box = [20, 10, 60, 50]
        frames = [
            *(
                frame(i, (1, box, "vigilance", "walking", "none"), (2, box, "resting", "laying", "none"))
                for i in range(5)
            ),
            *(frame(i, (1, box, "foraging", "grazing", "none")) for i in range(5, 20)),
        ]
        labels = read_labels(written(tmp_path / "x.json", self.tree(*frames)), translator)
        (video,) = labels.videos
        assert video.name == "S1_C2_E4_V0016"
        assert [(b.subject, b.behaviours) for b in video.bouts] == [
            ("1", ("travel", "family_travel")),
            ("1", ("feed",)),
            ("2", ("rest",)),
        ]
        assert [(b.start_s, b.end_s) for b in video.bouts] == [
            pytest.approx((0, 0.5)),
            pytest.approx((0.5, 2.0)),
            pytest.approx((0, 0.5)),
        ]
        assert [(b.censored_start, b.censored_end) for b in video.bouts] == [
            (True, False),
            (False, True),
            (True, False),
        ]
        assert video.boxes["1"].boxes[0] == pytest.approx(np.array([0.1, 0.1, 0.2, 0.4]))
        assert (video.conditions.camera, video.conditions.frame_rate) == ("S1_C2", "5 to 15 pictures/s")

    def test_a_second_action_is_right_too_and_a_gap_begins_a_new_bout(
        self, tmp_path: Path, translator: Translator
    ) -> None:
        box = [0, 0, 10, 10]
        frames = [frame(i, (1, box, "unknown", "walking", "sniffing")) for i in (0, 1, 2, 10, 11)]
        frames += [frame(i, (1, box, "unknown", "vocalizing", "none")) for i in (12, 13)]
        labels = read_labels(written(tmp_path / "x.json", self.tree(*frames)), translator)
        assert [(b.behaviours, b.start_s, b.end_s) for b in labels.videos[0].bouts] == [
            (("travel", "family_travel", "investigate"), 0, pytest.approx(0.3)),
            (("travel", "family_travel", "investigate"), 1.0, pytest.approx(1.2)),
        ]
        assert labels.left_out == {"no behaviour of ours: unknown/vocalizing": 1}

    @pytest.mark.footage
    def test_a_real_annotation_is_read_whole(self, footage: Path, translator: Translator) -> None:
        """615 frames with 990 boxes of two deer."""
        labels = read_labels(footage / "annotations" / "mammalps_S1_C1_E4_V0016.json", translator)
        (video,) = labels.videos
        assert sum(len(boxes.t) for boxes in video.boxes.values()) == 990
        assert sum(bout.end_s - bout.start_s for bout in video.bouts) == pytest.approx(990 / 30, abs=0.2)
        assert labels.left_out == {}


class TestSimulated:
    def tree(self, *animals: dict[str, Any], **fields: Any) -> str:
        video = {"fps": 10.0, "frames": 20, "width": 200, "height": 100, "times_s": [i / 10 for i in range(20)]}
        tree = {"clip": "c", "video": video, "light": "infrared", "camera": 7, "animals": list(animals), **fields}
        return json.dumps(tree)

    def animal(self, boxes: list[Any], visible: list[float], *behaviours: dict[str, Any]) -> dict[str, Any]:
        return {"individual": "Leo", "boxes": boxes, "visible_share": visible, "behaviours": list(behaviours)}

    def bout(self, behaviour: str, start: float, end: float, **cut: bool) -> dict[str, Any]:
        return {"behaviour": behaviour, "start_s": start, "end_s": end, **cut}

    def test_a_bout_counts_while_its_animal_shows(self, tmp_path: Path, translator: Translator) -> None:
        """In view from 0.4 s; hidden, but for 5 %, from 1.5 s on."""
        boxes = [None] * 4 + [[0.1, 0.1, 0.2, 0.2]] * 16
        animal = self.animal(
            boxes, [0.0] * 4 + [1.0] * 11 + [0.05] * 5, self.bout("stalk", 0.0, 1.0), self.bout("chase", 1.0, 2.0)
        )
        (video,) = read_labels(written(tmp_path / "c.json", self.tree(animal)), translator).videos
        stalk, chase = video.bouts
        assert (stalk.start_s, stalk.end_s, stalk.censored_start, stalk.censored_end) == (0.4, 1.0, True, False)
        assert (chase.start_s, chase.end_s, chase.censored_start, chase.censored_end) == (1.0, 1.5, False, True)
        assert len(video.boxes["Leo"].t) == 11
        assert (video.conditions.light, video.conditions.camera, video.seconds) == ("infrared", "7", pytest.approx(2.0))

    def test_what_happens_at_once_has_no_edges_that_could_be_missed(
        self, tmp_path: Path, translator: Translator
    ) -> None:
        animal = self.animal([[0.1, 0.1, 0.2, 0.2]] * 20, [1.0] * 20, self.bout("spray", 1.0, 1.0))
        (video,) = read_labels(written(tmp_path / "c.json", self.tree(animal)), translator).videos
        (bout,) = video.bouts
        assert (bout.start_s, bout.end_s, bout.censored_start, bout.censored_end) == (0.5, 1.5, True, True)

    def test_a_moment_behind_a_trunk_interrupts_nothing(self, tmp_path: Path, translator: Translator) -> None:
        visible = [1.0] * 8 + [0.0] * 4 + [1.0] * 8
        animal = self.animal([[0.1, 0.1, 0.2, 0.2]] * 20, visible, self.bout("travel", 0.0, 2.0, cut_end=True))
        (video,) = read_labels(written(tmp_path / "c.json", self.tree(animal)), translator).videos
        (bout,) = video.bouts
        assert (bout.start_s, bout.end_s) == pytest.approx((0, 2))
        assert (bout.censored_start, bout.censored_end) == (False, True)

    def test_a_clip_without_animals_is_empty_throughout(self, tmp_path: Path, translator: Translator) -> None:
        (video,) = read_labels(written(tmp_path / "c.json", self.tree()), translator).videos
        assert [(b.behaviours, b.start_s, b.end_s) for b in video.bouts] == [((EMPTY,), 0, pytest.approx(2.0))]

    def test_the_clips_that_ship_are_read_as_a_folder(self, shipped: Path, translator: Translator) -> None:
        labels = read_labels(shipped, translator)
        assert len(labels.videos) == len(list(shipped.rglob("*.json")))
        assert all(video.beside is not None and video.beside.suffix == ".MP4" for video in labels.videos)
        assert {code for video in labels.videos for bout in video.bouts for code in bout.behaviours} >= {"travel"}

    @pytest.mark.parametrize(
        ("text", "message"),
        [("{", "neither a table"), ("[]", "neither a MammAlps"), ('{"animals": []}', "is not as MammAlps or the sim")],
    )
    def test_other_json_is_refused(self, tmp_path: Path, translator: Translator, text: str, message: str) -> None:
        with pytest.raises(ConfigError, match=message):
            read_labels(written(tmp_path / "c.json", text), translator)

    def test_other_json_in_a_folder_is_passed_over_and_told(self, tmp_path: Path, translator: Translator) -> None:
        written(tmp_path / "c.json", self.tree())
        written(tmp_path / "recipe.json", '{"seed": 3}')
        labels = read_labels(tmp_path, translator)
        assert [video.name for video in labels.videos] == [f"{tmp_path.name}/c"]
        assert labels.left_out == {"file without labels: recipe.json": 1}

    def test_a_folder_without_labels_is_refused(self, tmp_path: Path, translator: Translator) -> None:
        with pytest.raises(ConfigError, match=r"there are no labels \(\*\.json\)"):
            read_labels(tmp_path, translator)
