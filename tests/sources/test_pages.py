"""A page of a PDF as a picture, drawn in a process with limits."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from files import pdf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.extraction import Extractor, Limits
from partnership_qa.sources.pages import MAX_PIXELS, MAX_WIDTH, SIGNATURE, png, scale_of

TWO = pdf([["The first page."], ["The second page is here."]])


@pytest.fixture(scope="module")
def extractor():
    with Extractor() as extractor:
        yield extractor


def decoded(data: bytes) -> np.ndarray:
    """The pixels of a PNG without filters, grey or red, green and blue, each byte of it looked at."""
    assert data.startswith(SIGNATURE)
    chunks, at = {}, len(SIGNATURE)
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + body),)
        chunks[kind], at = body, at + 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, rest) == (8, [0, 0, 0])
    channels = {0: 1, 2: 3}[colour]
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + width * channels)
    assert not rows[:, 0].any()
    return np.broadcast_to(rows[:, 1:].reshape(height, width, channels), (height, width, 3))


@given(arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 5), st.just(3))))
def test_a_picture_is_read_back_as_it_was(pixels: np.ndarray) -> None:
    assert np.array_equal(decoded(png(pixels)), pixels)


def test_a_picture_without_colour_takes_a_third() -> None:
    chance = np.random.default_rng(1)
    grey = np.repeat(chance.integers(0, 256, (50, 50, 1), np.uint8), 3, axis=2)
    assert np.array_equal(decoded(png(grey)), grey)
    assert len(png(grey)) < 0.4 * len(png(chance.integers(0, 256, (50, 50, 3), np.uint8)))


def test_another_library_reads_it_too(extractor: Extractor) -> None:
    image = pytest.importorskip("PIL.Image")
    import io

    data = extractor.page_image(TWO, 1, 300)
    assert np.array_equal(np.asarray(image.open(io.BytesIO(data)).convert("RGB")), decoded(data))


def test_a_page_is_as_wide_as_asked_with_ink_where_its_words_stand(extractor: Extractor) -> None:
    pixels = decoded(extractor.page_image(TWO, 1, 595))
    assert pixels.shape == (842, 595, 3)
    dark = np.argwhere(pixels[..., 0] < 128)
    # The line's foot is 780 points above the lower edge, and it begins 60 points from the left.
    assert (dark[:, 0].min(), dark[:, 0].max()) == pytest.approx((842 - 788, 842 - 778), abs=3)
    assert dark[:, 1].min() == pytest.approx(60, abs=2)


def test_each_page_is_its_own(extractor: Extractor) -> None:
    assert extractor.page_image(TWO, 1, 300) != extractor.page_image(TWO, 2, 300)


@pytest.mark.parametrize(
    ("data", "number", "why"),
    [(TWO, 0, "no page 0"), (TWO, 3, "no page 3"), (TWO, -1, "no page -1"), (b"no", 1, "no PDF"),
     (b"%PDF-1.7\nnothing", 1, "cannot be shown"), (TWO[:200], 1, "cannot be shown")],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused_and_the_next_is_not(
    extractor: Extractor, data: bytes, number: int, why: str
) -> None:
    with pytest.raises(NotTextError, match=why):
        extractor.page_image(data, number, 300)
    assert extractor.page_image(TWO, 1, 300).startswith(SIGNATURE)


@given(st.floats(0, 1e7, allow_nan=False), st.floats(0, 1e7, allow_nan=False), st.integers(-5, 100_000))
def test_no_page_takes_more_pixels_than_it_may(width: float, height: float, wanted: int) -> None:
    scale = scale_of(width, height, wanted)
    wide, high = max(1.0, width) * scale, max(1.0, height) * scale
    assert 0 < wide <= MAX_WIDTH * 1.001
    assert wide * high <= MAX_PIXELS * 1.001
    assert max(wide, high) <= MAX_PIXELS * 1.001


def test_a_huge_page_is_made_small_enough(extractor: Extractor) -> None:
    huge = TWO.replace(b"[0 0 595 842]", b"[0 0 595 90000]")
    height, width, _ = decoded(extractor.page_image(huge, 1, 100_000)).shape
    assert width * height <= MAX_PIXELS + width + height


def test_a_page_that_takes_too_long_is_given_up() -> None:
    strokes = b"0 0 m 600 800 l S " * 400_000
    stream = b"<< /Length %d >>\nstream\n" % len(strokes) + strokes + b"\nendstream"
    slow = pdf([["x"]]).replace(b"5 0 obj\n", b"5 0 obj\n" + stream + b"\nendobj\n99 0 obj\n")
    with Extractor(Limits(seconds=0)) as extractor, pytest.raises(NotTextError, match="takes longer than 0 s"):
        extractor.page_image(slow, 1, 2400)


def test_a_warm_process_draws_at_once_and_once_only_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **named: started.append(args) or popen(*args, **named))
    with Extractor() as extractor:
        extractor.warm()
        extractor.page_image(TWO, 1, 300)
    assert len(started) == 1
