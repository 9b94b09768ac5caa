"""Models may be loaded ahead of their use: once, and in silence where they cannot be."""

from __future__ import annotations

import pytest

import partnership_qa.reading as reading
from partnership_qa import embedding
from partnership_qa.ahead import load_ahead
from partnership_qa.errors import ModelError


@pytest.mark.parametrize(("reader", "loaded"), [(True, ["encoder", "reader"]), (False, ["encoder"])])
def test_what_a_command_needs_is_loaded(monkeypatch: pytest.MonkeyPatch, reader: bool, loaded: list[str]) -> None:
    seen: list[str] = []
    monkeypatch.setattr(embedding, "load_encoder", lambda: seen.append("encoder"))
    monkeypatch.setattr(reading, "load_reader", lambda: seen.append("reader"))
    load_ahead(reader=reader).join()
    assert seen == loaded


def test_what_goes_wrong_is_left_to_whoever_uses_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ModelError("damaged")

    monkeypatch.setattr(embedding, "load_encoder", fail)
    load_ahead().join()
    assert capsys.readouterr() == ("", "")
