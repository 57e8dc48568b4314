"""A clip plays where people will watch it: in a browser, fetched over HTTP."""

import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.highlights.cut import CutRequest, cut_clips
from pipeline.highlights.reel import make_reel
from pipeline.settings import ClipSettings
from pipeline.video.decode import open_video

PAGE = """<!doctype html><video muted autoplay src="clip.mp4"></video><script>
const video = document.querySelector("video");
const tell = (what) => fetch("/told", {method: "POST", body: JSON.stringify(what)});
video.onerror = () => tell({error: video.error.message});
video.onended = () => tell({
  width: video.videoWidth, height: video.videoHeight, duration: video.duration,
  played: video.played.end(0) - video.played.start(0), at: video.currentTime});
</script>"""
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required"
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome on the PATH"),
]


class Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, told: "queue.Queue[dict[str, Any]]", **kwargs: Any) -> None:
        self.told = told
        super().__init__(*args, **kwargs)

    def do_POST(self) -> None:
        self.told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[[Path], dict[str, Any]]]:
    """Play a film from start to end in Chromium and return what the page then knows about it."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE)
    told: queue.Queue[dict[str, Any]] = queue.Queue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, told=told, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def play_film(film: Path) -> dict[str, Any]:
        shutil.copy(film, folder / "clip.mp4")
        address = f"http://127.0.0.1:{server.server_port}/index.html"
        command = [str(CHROMIUM), *FLAGS.split(), f"--user-data-dir={tmp_path / 'profile'}", address]
        with subprocess.Popen(
            [*command, "--remote-debugging-port=0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as browser:
            try:
                return told.get(timeout=60)
            finally:
                browser.terminate()

    yield play_film
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("size", [(160, 96), (848, 480)])
def test_a_clip_and_a_film_of_it_play_to_their_end(
    tmp_path: Path, make_video: Callable[..., Path], play: Callable[[Path], dict[str, Any]], size: tuple[int, int]
) -> None:
    times = list(np.cumsum([0.0, *([0.04, 0.06, 0.1] * 20)]))
    source = make_video(tmp_path / "source.mp4", times, size=size)
    request = CutRequest("clip", 1.5, 2.5, np.array([1.5]), np.array([[0.3, 0.3, 0.4, 0.4]]))
    settings = ClipSettings(padding_s=0.5, crf=23, preset="veryfast", skip=())
    with open_video(source) as video:
        (clip,) = cut_clips(video.frames(), video.info, [request], tmp_path, settings)
    shown = play(clip.path)
    assert "error" not in shown
    assert (shown["width"], shown["height"]) == size
    assert shown["duration"] == pytest.approx(clip.end_s - clip.start_s, abs=0.15)
    assert shown["played"] == pytest.approx(shown["duration"], abs=0.1)
    assert shown["at"] == pytest.approx(shown["duration"], abs=0.1)
    film = play(make_reel([clip.path], tmp_path / "film.mp4", width=320, height=180).path)
    assert (film["width"], film["height"]) == (320, 180)
    assert film["at"] == pytest.approx(shown["duration"], abs=0.15)
