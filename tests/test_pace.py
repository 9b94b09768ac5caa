"""The time that a build still takes is told once its speed is known."""

from __future__ import annotations

import pytest

from partnership_qa.pace import Pace


def told(seconds: float, done: int, total: int) -> str:
    now = [0.0]
    pace = Pace(lambda: now[0])
    pace.left("embedding", 0, total)
    now[0] = seconds
    return pace.left("embedding", done, total)


@pytest.mark.parametrize(
    ("seconds", "done", "total", "words"),
    [
        (10, 100, 500, "about 40 s left"), (10, 100, 101, "about 5 s left"), (10, 100, 700, "about 1 min left"),
        (10, 100, 1_300, "about 2 min left"), (10, 10, 5_000, "about 1 h 24 min left"),
        (2.9, 100, 500, ""), (10, 0, 500, ""), (10, 500, 500, ""), (10, 1, 1, ""),
    ],
)  # fmt: skip
def test_what_is_left_follows_from_the_speed_so_far(seconds: float, done: int, total: int, words: str) -> None:
    assert told(seconds, done, total) == words


def test_another_stage_and_another_build_begin_anew() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    pace.left("reading", 0, 10)
    now[0] = 10.0
    assert pace.left("reading", 5, 10) == "about 10 s left"
    assert pace.left("embedding", 5, 10) == ""
    now[0] = 20.0
    assert pace.left("embedding", 6, 10) == "about 40 s left"
    assert pace.left("embedding", 0, 10) == ""


def test_what_an_earlier_build_had_done_is_not_counted_as_speed() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    pace.left("embedding", 900, 1000)
    now[0] = 10.0
    assert pace.left("embedding", 910, 1000) == "about 2 min left"
