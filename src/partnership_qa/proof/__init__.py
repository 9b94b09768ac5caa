"""Quotes that can be checked: what must be known of one (`Proof`), and the check against the files alone (`verify`).

Neither a model nor an index is needed, and neither is loaded; the check itself is loaded by whoever checks.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checking import verify
    from .record import Extraction, PageBox, Proof
    from .verdict import FileState, State, Verdict

__all__ = ["Extraction", "FileState", "PageBox", "Proof", "State", "Verdict", "verify"]

_HOMES = {
    "verify": "checking",
    "Extraction": "record", "PageBox": "record", "Proof": "record",
    "FileState": "verdict", "State": "verdict", "Verdict": "verdict",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
