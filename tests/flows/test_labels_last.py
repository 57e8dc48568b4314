"""A person's word wins, and outlives a new analysis."""

from pathlib import Path

from tests.flows.conftest import FEW_LOOKS, Ethotrap


def test_a_label_stands_beside_the_machines_word_and_survives_reanalysis(
    ethotrap: Ethotrap, shipped: Path, tmp_path: Path
) -> None:
    clip = shipped / "LOC01/CAM1/20250612/100RECNX/IMG_0001.MP4"
    archive = ("--archive", tmp_path / "archive")
    assert ethotrap("analyse", clip, *archive).status == 0
    (bout,) = ethotrap("bouts", *archive, "--json").json()
    labelled = ethotrap("label", bout["bout"], "--behaviour", "play", "--who", "A. Petrova", *archive)
    assert labelled.status == 0, labelled.err

    def expect_both_words() -> None:
        (now,) = ethotrap("bouts", *archive, "--json", "--behaviour", "play").json()
        assert (now["behaviour"], now["human_behaviour"], now["machine_behaviour"]) == ("play", "play", "travel")

    expect_both_words()
    assert "A. Petrova" in ethotrap("show", bout["bout"], *archive).out
    again = ethotrap("analyse", clip, *archive, "--json", env={"ETHOTRAP_DETECTOR__RATE_HZ": "5"})
    assert again.json()["counts"]["analysed"] == 1
    expect_both_words()
    assert ethotrap("status", *archive, "--json").json()["unattached_labels"] == []
    ethotrap("analyse", clip, *archive, env={**FEW_LOOKS, "ETHOTRAP_TRACKING__PEAK_SCORE": "1"})
    (lost,) = ethotrap("status", *archive, "--json").json()["unattached_labels"]
    assert (lost["file"], lost["behaviour"], lost["who"]) == (str(clip), "play", "A. Petrova")
    assert "Labels whose bout the machine no longer finds" in ethotrap("status", *archive).out
