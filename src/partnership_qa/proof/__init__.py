"""Quotes that can be checked: what must be known of one (`Proof`), and the check against the files alone (`verify`).

Neither a model nor an index is needed, and neither is loaded.
"""

from .checking import verify
from .record import Extraction, PageBox, Proof
from .verdict import FileState, State, Verdict

__all__ = ["Extraction", "FileState", "PageBox", "Proof", "State", "Verdict", "verify"]
