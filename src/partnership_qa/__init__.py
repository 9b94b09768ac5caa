"""Questions answered in a text's own words, with the address of every word, or declined.

    from partnership_qa import answer, build_index, load

    answer("How much did Microsoft invest in 2019?")     # the default index
    build_index("my_texts/", "my_index/")                # -> BuildReport
    load("my_index/").answer("And in 2023?")             # -> Answer or NoAnswer

Importing this package does no work: what is heavy is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answering.citing import Citation
    from .answering.outcome import Answer, NoAnswer
    from .errors import PartnershipQAError
    from .evaluation.card import with_card
    from .home import answer, build_index, load
    from .index import BuildReport
    from .proof import verify
    from .qa import QA
    from .retrieval import Hit

_HOMES = {
    "answer": "home",
    "build_index": "home",
    "load": "home",
    "QA": "qa",
    "Answer": "answering.outcome",
    "NoAnswer": "answering.outcome",
    "Citation": "answering.citing",
    "Hit": "retrieval",
    "BuildReport": "index",
    "PartnershipQAError": "errors",
    "verify": "proof",
    "with_card": "evaluation.card",
}

__all__ = [
    "QA", "Answer", "BuildReport", "Citation", "Hit", "NoAnswer", "PartnershipQAError", "answer", "build_index", "load",
    "verify", "with_card",
]  # fmt: skip
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
