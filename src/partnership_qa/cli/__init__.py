"""The command line, one of the two faces of `QA`."""

from .app import main

__all__ = ["main"]
