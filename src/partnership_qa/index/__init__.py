"""What is on disk, and how it gets there: generations of dense and lexical indexes over the same passages."""

from .build import Accept, BuildReport, Progress, build
from .lifecycle import Damage, GenerationInfo, Verification, collect_garbage, list_generations, rollback, verify, when
from .originals import Originals, keeps_original, read_original
from .seam import Store
from .signing import check_signature, open_signed, read_signed, sign, sign_file
from .store import Index, Source, corpus_changes, open_index

__all__ = [
    "Accept", "BuildReport", "Damage", "GenerationInfo", "Index", "Originals", "Progress", "Source", "Store",
    "Verification", "build", "check_signature", "collect_garbage", "corpus_changes", "keeps_original",
    "list_generations", "open_index", "open_signed", "read_original", "read_signed", "rollback", "sign", "sign_file",
    "verify", "when",
]  # fmt: skip
