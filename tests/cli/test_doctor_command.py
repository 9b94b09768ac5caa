"""`partnership-qa doctor`: what it prints, and that it leaves with 1 where something is wrong or tried to leave."""

from __future__ import annotations

import contextlib
import json
import socket

import pytest
from fakes import FAKE_CALIBRATION, FakeEncoder, FakeReader
from test_app import run

from partnership_qa import airgap, doctor, home, qa
from partnership_qa.doctor import Finding


@pytest.fixture
def asking_for_a_name(monkeypatch):
    """An encoder that looks a name up and takes no for an answer, as a library does that looks for a newer version."""

    class Curious(FakeEncoder):
        def encode(self, texts, progress=None):
            with contextlib.suppress(OSError):
                socket.getaddrinfo("models.example.org", 443)
            return super().encode(texts, progress)

    encoder = Curious()
    monkeypatch.setattr("pkgutil.walk_packages", lambda *_places: iter(()))
    monkeypatch.setattr(home, "load_encoder", lambda: encoder)
    monkeypatch.setattr(home, "load_reader", FakeReader)
    monkeypatch.setattr(qa, "load_calibration", lambda: FAKE_CALIBRATION)
    monkeypatch.setattr(airgap, "_served", lambda _qa: "not at all")


def test_a_name_that_is_looked_up_is_told_and_leaves_with_1(asking_for_a_name, capsys):
    assert run("doctor", "--airgap") == 1
    shown = capsys.readouterr().out
    assert "refused: socket.getaddrinfo models.example.org, by test_doctor_command:" in shown
    assert "0 attempts" not in shown
    assert "watched name look-ups: socket.getaddrinfo" in shown


def test_a_run_without_an_attempt_leaves_with_0(monkeypatch, capsys):
    watch = airgap.Watch([("served", 0.5)], "", airgap.Guard(loopback=3, workers=1))
    monkeypatch.setattr(airgap, "airgap", lambda tell: watch)
    assert run("doctor", "--airgap") == 0
    shown = capsys.readouterr().out
    assert shown.endswith("0 attempts to leave this machine or to start a program\n")
    assert "allowed: 1 process of partnership_qa.sources.worker" in shown
    assert run("doctor", "--airgap", "--json") == 0
    assert json.loads(capsys.readouterr().out)["right"] is True


def test_a_run_that_ended_early_leaves_with_1(monkeypatch, capsys):
    watch = airgap.Watch([], "ModelError: no weights", airgap.Guard())
    monkeypatch.setattr(airgap, "airgap", lambda tell: watch)
    assert run("doctor", "--airgap") == 1
    assert "ended early: ModelError: no weights" in capsys.readouterr().err


def test_what_is_wrong_is_told_and_leaves_with_1(monkeypatch, tmp_path, capsys):
    well, ill = Finding("disk", right=True, said="1 GiB free"), Finding("index", right=False, said="damaged")
    found = [well]
    monkeypatch.setattr(doctor, "examine", lambda _index, _library: iter(found))
    assert run("doctor", "--home", tmp_path) == 0
    assert capsys.readouterr().out == "ok     disk: 1 GiB free\nall is well\n"
    found.append(ill)
    assert run("doctor", "--home", tmp_path) == 1
    assert capsys.readouterr().out.endswith("WRONG  index: damaged\nwrong: index\n")
    assert run("doctor", "--home", tmp_path, "--json") == 1
    assert json.loads(capsys.readouterr().out) == {"right": False, "findings": [well.to_dict(), ill.to_dict()]}
