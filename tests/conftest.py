"""Fixtures for every test, what they are made of stands in `fakes.py`; and which tests may run side by side."""

from typing import Any

import pytest
from fakes import corpus, encoder, index, qa, root
from hypothesis import HealthCheck, settings

# How long an example takes says what else the machine does.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

__all__ = ["corpus", "encoder", "index", "qa", "root"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n`, a file stays in one process, as its fixtures are its own.

    All that drives a browser stays in one too: two browsers on two processors keep each other waiting.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "browser" if file.startswith("tests/browser/") else file

    return Groups(config, log)
