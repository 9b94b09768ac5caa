"""The command line with the fakes in the place of the models, and a home folder of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa import home, qa

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def fakes_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    encoder = FakeEncoder()
    monkeypatch.setattr(home, "load_encoder", lambda: encoder)
    monkeypatch.setattr(home, "load_reader", FakeReader)
    monkeypatch.setattr(qa, "load_calibration", lambda: FAKE_CALIBRATION)
    monkeypatch.setenv("PARTNERSHIP_QA_HOME", str(tmp_path / "home"))
