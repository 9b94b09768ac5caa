"""Calls over HTTP never push a visitor's conversation out of memory, nor fill it."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest

from partnership_qa.web import environment


@pytest.fixture
def sessions():
    environment.prepare()
    from partnership_qa.web.sessions import Sessions

    held = Sessions()
    held.set_blocks(SimpleNamespace(state_session_capacity=10, default_config=SimpleNamespace(blocks={}), blocks={}))
    return held


def test_a_visitor_is_remembered_however_many_calls_come(sessions, monkeypatch):
    monkeypatch.setattr("partnership_qa.web.sessions.MAX_CALLS", 4)
    visitor, program = sessions["hzj8bvjctu"], sessions[str(uuid4())]
    calls = [uuid4().hex for _ in range(50)]
    for call in calls:
        assert sessions[call]
        assert sessions[call]
    assert sessions["hzj8bvjctu"] is visitor
    assert program in sessions.session_data.values()
    assert list(sessions.session_data)[1:-1] == calls[-4:]
    assert sessions.time_last_used.keys() == sessions.session_data.keys()


def test_visitors_have_an_end_too(sessions):
    for n in range(30):
        assert sessions[f"visitor{n}"]
    assert len(sessions.session_data) == 10
