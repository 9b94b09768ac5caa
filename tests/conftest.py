"""Fixtures for every test; what they are made of stands in `fakes.py`."""

from fakes import corpus, encoder, index, qa, root

__all__ = ["corpus", "encoder", "index", "qa", "root"]
