"""What is on disk, and how it gets there: generations of dense and lexical indexes over the same passages."""

from .build import BuildReport, Progress, build
from .lifecycle import Damage, GenerationInfo, Verification, collect_garbage, list_generations, rollback, verify
from .originals import keeps_original, read_original
from .seam import Store
from .store import Index, Source, corpus_changes, open_index

__all__ = [
    "BuildReport", "Damage", "GenerationInfo", "Index", "Progress", "Source", "Store", "Verification", "build",
    "collect_garbage", "corpus_changes", "keeps_original", "list_generations", "open_index", "read_original",
    "rollback", "verify",
]  # fmt: skip
