"""Models may be loaded ahead of their use: once, side by side, and in silence where they cannot be."""

from __future__ import annotations

import pytest

from partnership_qa import embedding
from partnership_qa.ahead import load_ahead
from partnership_qa.errors import ModelError
from partnership_qa.reading import onnx


@pytest.mark.parametrize(("reader", "loaded"), [(True, {"encoder", "reader"}), (False, {"encoder"})])
def test_what_a_command_needs_is_loaded(monkeypatch: pytest.MonkeyPatch, reader: bool, loaded: set[str]) -> None:
    seen: list[str] = []
    monkeypatch.setattr(embedding, "load_encoder", lambda: seen.append("encoder"))
    monkeypatch.setattr(onnx, "load_reader", lambda: seen.append("reader"))
    for thread in load_ahead(reader=reader):
        thread.join()
    assert (set(seen), len(seen)) == (loaded, len(loaded))


def test_what_goes_wrong_is_left_to_whoever_uses_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ModelError("damaged")

    monkeypatch.setattr(embedding, "load_encoder", fail)
    monkeypatch.setattr(onnx, "load_reader", fail)
    for thread in load_ahead():
        thread.join()
    assert capsys.readouterr() == ("", "")
