import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from models.registry import Task, digest, load_registry, pull, verify, weights_path
from pipeline.errors import ModelError
from pipeline.values import Kind

CONTENT = bytes(range(256)) * 9000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


class _ShortHandler(_QuietHandler):
    """Promises a whole file and sends the first half."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2])


class _PlainRedirectHandler(_QuietHandler):
    """Sends the caller to another, unencrypted host name."""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/weights.pt")
        self.end_headers()


@contextmanager
def served(handler: type[SimpleHTTPRequestHandler], folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/weights.pt"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "weights.pt").write_bytes(CONTENT)
    with served(_QuietHandler, tmp_path / "served") as address:
        yield address


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own registry file, and an empty folder to pull into."""
    monkeypatch.setenv("ETHOTRAP_MODELS", str(tmp_path / "pulled"))
    monkeypatch.setenv("ETHOTRAP_REGISTRY", str(tmp_path / "own.yaml"))
    return tmp_path / "own.yaml"


def describe(path: Path, name: str = "mine", **fields: object) -> None:
    entry = {
        "file": "weights.pt",
        "task": "detect",
        "licence": "MIT",
        "source": "us",
        "image_size": [384, 640],
        "classes": {0: "animal", 1: "person"},
        **fields,
    }
    path.write_text(yaml.safe_dump({"models": {name: entry}}))


@pytest.mark.parametrize("name", ["megadetector-lite-tuned", "efficientnet-lite0", "kind-head"])
def test_what_ships_is_whole_and_has_a_card(name: str) -> None:
    verify(name)
    entry = load_registry()[name]
    assert entry.size_bytes == entry.path.stat().st_size
    assert entry.card is not None
    assert digest(name) in entry.card.read_text(encoding="utf-8")


def test_megadetector_v6_counts_its_classes_from_zero() -> None:
    pulled = [entry for entry in load_registry().values() if entry.url]
    assert len(pulled) == 5
    for entry in pulled:
        assert entry.classes == {0: Kind.ANIMAL, 1: Kind.PERSON, 2: Kind.VEHICLE}
        assert entry.task is Task.DETECT
        assert entry.url is not None
        assert entry.url.startswith("https://zenodo.org/records/15398270/files/MDV6-")


def test_weights_that_are_not_here_say_how_to_get_them(own: Path) -> None:
    describe(own, url="https://example.org/weights.pt")
    with pytest.raises(ModelError, match=r"weights\.pt; run `ethotrap models pull mine`$"):
        weights_path("mine")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match="megadetector-lite-tuned"):
        weights_path("megadetector")


def test_pulled_weights_lie_in_the_user_s_folder_whole_and_are_not_fetched_twice(own: Path, url: str) -> None:
    describe(own, url=url, sha256=SHA256)
    reports: list[tuple[int, int | None]] = []

    path = pull("mine", lambda received, total: reports.append((received, total)))

    assert path == own.parent / "pulled" / "weights.pt"
    assert path.read_bytes() == CONTENT
    assert digest("mine") == SHA256
    assert reports[-1] == (len(CONTENT), len(CONTENT))
    assert [received for received, _ in reports] == sorted(received for received, _ in reports)
    reports.clear()
    assert pull("mine", lambda received, total: reports.append((received, total))) == path
    assert reports == []


def test_a_digest_that_nobody_published_is_recorded_at_the_first_pull_and_held_to(own: Path, url: str) -> None:
    describe(own, url=url)
    path = pull("mine")
    assert path.with_name("weights.pt.sha256").read_text().split() == [SHA256, "weights.pt"]
    verify("mine")

    path.write_bytes(b"something else")
    with pytest.raises(ModelError, match="altered"):
        verify("mine")


def test_a_later_pull_must_give_what_the_first_one_gave(own: Path, url: str) -> None:
    describe(own, url=url)
    path = pull("mine")
    path.unlink()
    (own.parent / "served" / "weights.pt").write_bytes(b"swapped by someone")
    with pytest.raises(ModelError, match="nothing was kept"):
        pull("mine")
    assert not path.exists()


def test_a_file_with_the_wrong_digest_is_not_kept(own: Path, url: str) -> None:
    describe(own, url=url, sha256="0" * 64)
    with pytest.raises(ModelError, match="nothing was kept"):
        pull("mine")
    assert list((own.parent / "pulled").iterdir()) == []


def test_a_broken_download_leaves_nothing_behind(own: Path, tmp_path: Path) -> None:
    with served(_ShortHandler, tmp_path) as address:
        describe(own, url=address)
        with pytest.raises(ModelError, match="check the connection"):
            pull("mine")
    assert list((own.parent / "pulled").iterdir()) == []


def test_a_server_that_is_not_there_is_a_plain_error(own: Path) -> None:
    describe(own, url="http://127.0.0.1:9/weights.pt")
    with pytest.raises(ModelError, match="check the connection"):
        pull("mine")


@pytest.mark.parametrize(
    "address", ["http://example.org/weights.pt", "ftp://example.org/weights.pt", "file:///etc/hosts"]
)
def test_weights_come_over_https_only(own: Path, address: str) -> None:
    describe(own, url=address)
    with pytest.raises(ModelError, match="https only"):
        pull("mine")


def test_a_redirect_away_from_https_is_refused(own: Path, tmp_path: Path) -> None:
    with served(_PlainRedirectHandler, tmp_path) as address:
        describe(own, url=address)
        with pytest.raises(ModelError, match=r"refused .* https only"):
            pull("mine")
    assert list((own.parent / "pulled").iterdir()) == []


def test_altered_weights_are_noticed(own: Path) -> None:
    describe(own, sha256=SHA256)
    weights = own.parent / "weights.pt"
    weights.write_bytes(CONTENT)
    verify("mine")
    weights.write_bytes(CONTENT[:-1])
    with pytest.raises(ModelError, match="altered"):
        verify("mine")


def test_a_model_of_one_s_own_lies_beside_its_registry_file(own: Path) -> None:
    describe(own)
    (own.parent / "weights.pt").write_bytes(CONTENT)
    assert weights_path("mine") == own.parent / "weights.pt"
    with pytest.raises(ModelError, match=f"add `sha256: {SHA256}`"):
        verify("mine")


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"task": "guess"}, "guess"),
        ({"classes": {0: "plant"}}, "plant"),
        ({"image_size": [640]}, "mine"),
        ({"digest": "00"}, "'digest' is no key"),
    ],
)
def test_a_wrong_entry_is_named(own: Path, fields: dict[str, object], complaint: str) -> None:
    describe(own, **fields)
    with pytest.raises(ModelError, match=complaint):
        load_registry()


def test_a_name_that_ships_cannot_be_taken(own: Path) -> None:
    describe(own, name="megadetector-lite-tuned")
    with pytest.raises(ModelError, match="choose another"):
        load_registry()
