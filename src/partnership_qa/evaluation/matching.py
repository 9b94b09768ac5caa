"""Whether words are the same, and places: exact match and token F1 are SQuAD's (Rajpurkar et al. 2016)."""

from __future__ import annotations

import collections
import re
import string

Place = tuple[str, int, int]  # a document and characters of it


def normalize(text: str) -> list[str]:
    """Words of an answer in SQuAD's normal form: lower case, no ASCII punctuation, no articles."""
    kept = "".join(char for char in text.lower() if char not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", kept).split()


def token_f1(prediction: str, gold: str) -> float:
    """Harmonic mean of word precision and recall, in [0, 1]."""
    words, wanted = normalize(prediction), normalize(gold)
    if not words or not wanted:
        return float(words == wanted)
    same = sum((collections.Counter(words) & collections.Counter(wanted)).values())
    return 2 * same / (len(words) + len(wanted))


def overlaps(one: Place, other: Place) -> bool:
    """Whether two ranges of one document share at least half of the shorter."""
    if one[0] != other[0]:
        return False
    shared = min(one[2], other[2]) - max(one[1], other[1])
    return shared > 0 and shared >= 0.5 * min(one[2] - one[1], other[2] - other[1])
