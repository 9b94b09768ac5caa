"""What kind of question it is, by its vector: whether it wants several things or a whole sentence, or leans on others.

Three logistic regressions (Platt 1999) over the default encoder's vector of the question; the third counts its content
words too. They were fitted by `training/kinds.py` on the questions written for training, whose answers are marked as
words, sentences or items of a list, and which say what was asked before them; their weights are data, in
`model/kinds.json`. No word of English stands here, and no form of a question.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..embedding import load_encoder, same_weights
from ..errors import ModelError
from ..text import content_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..embedding import Encoder


@dataclass(frozen=True, slots=True)
class QuestionKind:
    """Log-odds of what a question is, below 0 where that is less likely than not.

    Attributes:
        several: it wants a list or several rows.
        sentence: it wants whole sentences, and neither a few words nor a list.
        follows: it is not understood without what was asked before.

    """

    several: float = 0.0
    sentence: float = 0.0
    follows: float = 0.0


NO_KIND = QuestionKind()


class Kinds(Protocol):
    """Tells what kind of question it is."""

    def of(self, text: str, encoder: Encoder, vector: NDArray[np.float32] | None = None) -> QuestionKind:
        """What a question is.

        Args:
            text: the question.
            encoder: that the index is asked with.
            vector: what it made of the question, float32 of shape (dimension,), where that is at hand.

        """
        ...


@dataclass(frozen=True)
class LinearKinds:
    """The three regressions.

    Attributes:
        encoder: hash of the weights of the encoder whose vectors they take.
        weights: float32 of shape (3, dimension), for `several`, `sentence` and `follows`.
        words: what each content word of the question adds, float32 of shape (3,).
        biases: float32 of shape (3,).

    """

    encoder: str
    weights: NDArray[np.float32]
    words: NDArray[np.float32]
    biases: NDArray[np.float32]

    def of(self, text: str, encoder: Encoder, vector: NDArray[np.float32] | None = None) -> QuestionKind:
        """See `Kinds`; where the index is asked with another encoder, the question is embedded by the default one."""
        if not same_weights(self.encoder, encoder.fingerprint):
            encoder, vector = load_encoder(), None
        if vector is None:
            (vector,) = encoder.encode([text])
        logits = self.weights @ vector + len(content_words(text)) * self.words + self.biases
        return QuestionKind(*(float(logit) for logit in logits))


@cache
def load_kinds() -> LinearKinds:
    """The shipped regressions.

    Raises:
        ModelError: their file is missing or damaged.

    """
    try:
        data = json.loads((resources.files("partnership_qa") / "model" / "kinds.json").read_text("utf-8"))
        rows = [data[one.name] for one in fields(QuestionKind)]
        weights, words, biases = (
            np.array([row[name] for row in rows], dtype=np.float32) for name in ("weights", "words", "bias")
        )
        return LinearKinds(str(data["encoder"]), weights, words, biases)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The kinds of questions cannot be read ({error}); install the package again.") from error
