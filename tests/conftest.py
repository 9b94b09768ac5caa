"""Fixtures for every test, what they are made of stands in `fakes.py`; and which tests may run side by side."""

import pytest
from fakes import corpus, encoder, index, qa, root

__all__ = ["corpus", "encoder", "index", "qa", "root"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `-n`, a file stays in one process, as its fixtures are its own.

    All that drives a browser stays in one too: two browsers on two processors keep each other waiting.
    """
    for item in items:
        group = "browser" if item.get_closest_marker("browser") else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
