"""Pictures of pages: drawn for addresses of the index in use, remembered, and served behind the password."""

from __future__ import annotations

import threading

import httpx
import pytest
from files import pdf
from serving import serving

from partnership_qa.index import build, open_index
from partnership_qa.index.generations import ORIGINALS
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.pages import SIGNATURE
from partnership_qa.web import page_images
from partnership_qa.web.page_images import MAX_WAITING, BusyError, PageImages, address_of

REPORT = pdf([["The lamp of Vardo burnt 412 barrels."], ["The keeper of Vardo was Anna Berg."]])


class FakeExtractor:
    """Gives the page's number and width as its picture, and counts."""

    def __init__(self):
        self.calls = []

    def page_image(self, data, number, width):
        assert data == REPORT
        self.calls.append((number, width))
        return f"{number} {width}".encode()


@pytest.fixture
def index(corpus, root, encoder):
    (corpus / "report.pdf").write_bytes(REPORT)
    (corpus / "page.html").write_bytes(b"<p>The heron nests on the mast.")
    build(corpus, root, encoder)
    return open_index(root)


def parts(index, page="2-1400.png", name="report.pdf"):
    _, generation, sha256 = address_of(index, index.sources[name]).split("/")
    return generation, sha256, page


def test_a_page_of_the_index_is_drawn(index):
    assert PageImages(FakeExtractor()).picture(index, *parts(index)) == b"2 1400"


@pytest.mark.parametrize("page", [
    "0-1400.png", "3-1400.png", "2-1401.png", "2-1400", "2-1400.jpg", "02-1400.png", "-1-1400.png", "٢-1400.png",
    "2-1400.png\n", "../2-1400.png", "9999999-1400.png", "",
])  # fmt: skip
def test_another_page_or_width_is_not(index, page):
    fake = FakeExtractor()
    assert PageImages(fake).picture(index, *parts(index, page)) is None
    assert fake.calls == []


def test_another_generation_or_document_is_not(index):
    images = PageImages(FakeExtractor())
    generation, sha256, page = parts(index)
    assert images.picture(index, "gen-00000000000000000001-1", sha256, page) is None
    assert images.picture(index, "..", sha256, page) is None
    for other in ("0" * 64, "report.pdf", "../CURRENT", "", sha256.upper(), index.sources["harbour.md"].sha256,
                  index.sources["page.html"].sha256):  # fmt: skip
        assert images.picture(index, generation, other, page) is None


def test_a_page_is_drawn_once_and_remembered(index):
    fake = FakeExtractor()
    images = PageImages(fake)
    for _ in range(3):
        images.picture(index, *parts(index))
    images.picture(index, *parts(index, "1-1400.png"))
    assert fake.calls == [(2, 1400), (1, 1400)]


def test_only_so_many_bytes_are_remembered(index, monkeypatch):
    monkeypatch.setattr(page_images, "MAX_REMEMBERED", 12)  # two pictures of six bytes
    fake = FakeExtractor()
    images = PageImages(fake)
    for page in ("1-1400.png", "2-1400.png", "1-1400.png", "1-2200.png", "1-1400.png", "2-1400.png"):
        images.picture(index, *parts(index, page))
    assert fake.calls == [(1, 1400), (2, 1400), (1, 2200), (2, 1400)]


@pytest.mark.parametrize("spoil", [lambda file: file.unlink(), lambda file: file.write_bytes(b"%PDF-1.7 other")])
def test_a_file_that_is_gone_or_damaged_has_no_picture(index, spoil):
    spoil(index.root / ORIGINALS / index.sources["report.pdf"].sha256)
    fake = FakeExtractor()
    assert PageImages(fake).picture(index, *parts(index)) is None
    assert fake.calls == []


def test_a_page_that_cannot_be_drawn_has_no_picture(index, monkeypatch):
    def fail(*args):
        raise NotTextError("it takes too long")

    fake = FakeExtractor()
    monkeypatch.setattr(fake, "page_image", fail)
    assert PageImages(fake).picture(index, *parts(index)) is None


def test_too_many_at_once_are_sent_away_and_the_others_are_drawn(index, monkeypatch):
    inside, go = threading.Semaphore(0), threading.Event()
    images = PageImages(FakeExtractor())
    recall = images._recall

    def waiting(key):
        inside.release()
        go.wait(10)
        return recall(key)

    monkeypatch.setattr(images, "_recall", waiting)
    found = []

    def draw():
        found.append(images._draw(page_images._Key("0", 1, 1400), lambda: REPORT))

    threads = [threading.Thread(target=draw) for _ in range(MAX_WAITING)]
    for thread in threads:
        thread.start()
    inside.acquire()
    while images._waiting.acquire(blocking=False):  # until all of them wait
        images._waiting.release()
    with pytest.raises(BusyError):
        images._draw(page_images._Key("0", 2, 1400), lambda: REPORT)
    go.set()
    for thread in threads:
        thread.join()
    assert found == [b"1 1400"] * MAX_WAITING


def served(folder, *options):
    (folder / "corpus").mkdir()
    (folder / "corpus" / "report.pdf").write_bytes(REPORT)
    return serving(folder, *options)


def test_the_page_serves_its_pictures_with_safe_headers_and_nothing_else(tmp_path):
    with served(tmp_path) as address:
        index = open_index(tmp_path / "index")
        where = f"{address}/{address_of(index, index.sources['report.pdf'])}"
        reply = httpx.get(f"{where}/2-1400.png")
        assert (reply.status_code, reply.headers["content-type"]) == (200, "image/png")
        assert reply.content.startswith(SIGNATURE)
        assert "default-src 'self'" in reply.headers["content-security-policy"]
        assert reply.headers["cross-origin-resource-policy"] == "same-origin"
        assert reply.headers["cache-control"] == "private, max-age=600"
        for path in ("3-1400.png", "2-9.png", "..%2f..%2fCURRENT", "%2e%2e/CURRENT", ""):
            assert httpx.get(f"{where}/{path}").status_code == 404, path
        assert httpx.get(f"{where}/2-1400.png", headers={"host": "evil.example"}).status_code == 421
        assert httpx.post(f"{where}/2-1400.png").status_code == 405


def test_without_the_password_no_picture_is_served(tmp_path):
    with served(tmp_path, "--auth", "ada:lovelace") as address:
        index = open_index(tmp_path / "index")
        where = f"/{address_of(index, index.sources['report.pdf'])}/1-1400.png"
        with httpx.Client(base_url=address) as client:
            reply = client.get(where)
            assert reply.status_code == 401
            assert SIGNATURE not in reply.content
            client.post("/login", data={"username": "ada", "password": "lovelace"})
            assert client.get(where).content.startswith(SIGNATURE)
