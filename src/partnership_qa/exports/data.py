"""Outcomes as JSON: everything that `to_dict` gives, which is what `partnership-qa verify` reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .exchange import Exchange


def to_json(exchanges: Sequence[Exchange]) -> str:
    """A list of outcomes, each with its generation and what its question was asked within; errors are left out."""
    values = [
        one.outcome.to_dict() | {"generation": one.generation, "within": list(one.within)}
        for one in exchanges
        if one.outcome is not None
    ]
    return json.dumps(values, ensure_ascii=False, indent=1)
