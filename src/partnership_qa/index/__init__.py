"""What is on disk, and how it gets there: generations of dense and lexical indexes over the same passages."""

from .build import BuildReport, Progress, build
from .store import Index, Source, corpus_changes, open_index

__all__ = ["BuildReport", "Index", "Progress", "Source", "build", "corpus_changes", "open_index"]
