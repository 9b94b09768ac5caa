"""I3: files of every kind with something wrong in them are read or refused by name, within the limits."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from broken import broken, whole

from partnership_qa.document import make_document
from partnership_qa.sources.encoding import NotTextError
from partnership_qa.sources.extraction import SUFFIXES, Extractor, Limits
from partnership_qa.sources.layout import Extracted

LIMITS = Limits(seconds=20)


def sound(taken: Extracted) -> None:
    """Blocks, pages and places stand in order inside the text, and every block holds something."""
    at = 0
    for block in taken.blocks:
        assert at <= block.start < block.end <= len(taken.text)
        assert block.start <= block.content.start <= block.content.end <= block.end
        at = block.end
    starts = [place.start for place in taken.places]
    assert all(one <= other for one, other in pairwise(starts))
    assert all(0 <= start < len(taken.text) for start in starts)
    assert all(place.label for place in taken.places)
    assert all(one <= other for one, other in pairwise(taken.pages))
    make_document("x", b"", taken.text, taken.blocks, taken.pages, taken.note, taken.places)


def tried(folder: Path, seed: int, count: int) -> dict[str, int]:
    """How many broken files were read, and how many refused."""
    counts = {"read": 0, "refused": 0}
    with Extractor(LIMITS) as extractor:
        for what, suffix, data in broken(seed, count):
            begun = time.monotonic()
            try:
                taken = extractor.extract(data, suffix)
            except NotTextError:
                counts["refused"] += 1
            else:
                sound(taken)
                counts["read"] += 1
            assert time.monotonic() - begun < 3 * LIMITS.seconds + 10, f"{what} {suffix}"
    assert not list(folder.iterdir())
    return counts


def test_sound_files_of_every_kind_are_read_by_the_same_trial() -> None:
    with Extractor(LIMITS) as extractor:
        for suffix, files in whole().items():
            assert suffix in SUFFIXES
            for data in files:
                taken = extractor.extract(data, suffix)
                sound(taken)
                assert taken.blocks


def test_i3_broken_files_are_read_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    counts = tried(tmp_path, 1, 60)
    assert counts["read"] + counts["refused"] == 60
    assert min(counts.values()) > 10


@pytest.mark.trials
@pytest.mark.parametrize("seed", range(8))
def test_i3_2_000_broken_files_are_read_or_refused(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    counts = tried(tmp_path, 100 + seed, 250)
    assert counts["read"] + counts["refused"] == 250
    assert min(counts.values()) > 40
