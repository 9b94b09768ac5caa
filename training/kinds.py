"""Fits what tells the kind of a question from its vector: several things, a whole sentence, or a follow-up.

    python training/kinds.py            # writes model/kinds.json into the package

`several` and `sentence` are fitted on the questions written for training that the recipe names; each is marked as
answered by `words`, by `lines` (sentences or rows) or by a `list`. `follows` is fitted on the questions of all folders:
those that stand behind others against all that stand alone, the first ones of conversations among them.

Figures are of folders that what is judged was not fitted on: for the first two those that the recipe does not name, for
the third a fit of its own without `conv_c` and `wiki_d`. Each is the area under the curve: of lists against all else,
of lines against words, of follow-ups against questions that stand alone.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from settings import ROOT, SETTINGS
from sklearn.linear_model import LogisticRegression
from written import WRITTEN, Written, documents, parse

from partnership_qa.embedding import load_encoder
from partnership_qa.evaluation.metrics import auroc
from partnership_qa.text import content_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

APART = ("conv_c", "wiki_d")
STRENGTH = 1.0  # inverse of the ridge; 0.3 and 3 are as good (docs/experiments.md)


def asked(folders: Iterable[Path]) -> list[tuple[Path, Written]]:
    """The questions of some folders."""
    return [(folder, one) for folder in folders for one in parse(folder, documents(folder)) if isinstance(one, Written)]


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """A row for each question: the encoder's vector of it."""
    return load_encoder().encode(texts)


def with_words(rows: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float32]:
    """The rows with the number of each question's content words, in tens, behind its vector."""
    return np.hstack([rows, np.array([[len(content_words(text)) / 10] for text in texts], dtype=np.float32)])


def fit(rows: NDArray[np.float32], marked: Sequence[bool]) -> Any:
    """A regression over rows, by which questions are marked."""
    return LogisticRegression(C=STRENGTH, max_iter=1000).fit(rows, marked)


def kept(model: Any, dimension: int) -> dict[str, object]:
    """A regression as the package keeps it: what each number of a vector adds, each content word, and the bias."""
    weights = model.coef_[0]
    return {
        "bias": round(float(model.intercept_[0]), 4),
        "words": round(float(weights[dimension:].sum()) / 10, 4),
        "weights": [round(float(weight), 4) for weight in weights[:dimension]],
    }


def area(model: Any, rows: NDArray[np.float32], marked: Sequence[bool]) -> str:
    scores = model.decision_function(rows)
    found = auroc(
        *([float(x) for x, mark in zip(scores, marked, strict=True) if bool(mark) is kind] for kind in (True, False))
    )
    return "-" if found is None else f"{found:.3f}"


def conversations(questions: list[tuple[Path, Written]]) -> list[tuple[str, str, bool]]:
    """Folder, text, and whether it follows others, of every question and of each first one of a conversation."""
    rows = [(folder.name, one.text, bool(one.before)) for folder, one in questions]
    rows += [(folder.name, one.before[0], False) for folder, one in questions if one.before]
    return list(dict.fromkeys(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "src/partnership_qa/model/kinds.json")
    a = parser.parse_args()
    named = SETTINGS.source("written").folders
    everything = asked(sorted(WRITTEN.iterdir()))
    seen = [one for folder, one in everything if folder.name in named and one.kind != "none"]
    rows = vectors([one.text for one in seen])
    several = fit(rows, [one.kind == "list" for one in seen])
    sentence = fit(rows, [one.kind == "lines" for one in seen])
    for folder in sorted({folder for folder, _ in everything if folder.name not in named}):
        kinds = np.array([one.kind for of, one in everything if of == folder])
        found = vectors([one.text for of, one in everything if of == folder])
        answered, alone = kinds != "none", np.isin(kinds, ("lines", "words"))
        lists = area(several, found[answered], list(kinds[answered] == "list"))
        print(folder.name, lists, area(sentence, found[alone], list(kinds[alone] == "lines")))
    talked = conversations(everything)
    texts, follows = [text for _, text, _ in talked], np.array([mark for *_, mark in talked])
    rows, apart = with_words(vectors(texts), texts), np.array([name in APART for name, *_ in talked])
    print("follows", area(fit(rows[~apart], list(follows[~apart])), rows[apart], list(follows[apart])))
    encoder = load_encoder()
    fitted = {"several": several, "sentence": sentence, "follows": fit(rows, list(follows))}
    out: dict[str, object] = {"encoder": encoder.fingerprint.partition(":")[0]}
    out |= {name: kept(model, encoder.dimension) for name, model in fitted.items()}
    a.out.write_text(json.dumps(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
