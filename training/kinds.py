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


def inputs(texts: Sequence[str]) -> NDArray[np.float32]:
    """A row for each question: its vector, and its content words in tens."""
    words = np.array([[len(content_words(text)) / 10] for text in texts], dtype=np.float32)
    return np.hstack([load_encoder().encode(texts), words])


def fit(rows: NDArray[np.float32], marked: Sequence[bool], *, by_words: bool = False) -> tuple[Any, dict[str, object]]:
    """A regression, and what is kept of it; `by_words` counts content words too."""
    used = rows if by_words else rows * np.append(np.ones(rows.shape[1] - 1), 0.0).astype(np.float32)
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(used, marked)
    *weights, words = (float(weight) for weight in model.coef_[0])
    kept = {"bias": round(float(model.intercept_[0]), 4), "words": round(words / 10, 4) if by_words else 0.0}
    return model, kept | {"weights": [round(weight, 4) for weight in weights]}


def area(model: Any, rows: NDArray[np.float32], marked: Sequence[bool]) -> str:
    scores = model.decision_function(rows)
    found = auroc(
        *([float(x) for x, mark in zip(scores, marked, strict=True) if mark is kind] for kind in (True, False))
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
    rows = inputs([one.text for one in seen])
    several, kept_several = fit(rows, [one.kind == "list" for one in seen])
    sentence, kept_sentence = fit(rows, [one.kind == "lines" for one in seen])
    for folder in sorted({folder for folder, _ in everything if folder.name not in named}):
        others = [one for of, one in everything if of == folder and one.kind != "none"]
        lines = [one for one in others if one.kind != "list"]
        lists = area(several, inputs([one.text for one in others]), [one.kind == "list" for one in others])
        print(
            folder.name, lists, area(sentence, inputs([one.text for one in lines]), [x.kind == "lines" for x in lines])
        )
    talked = conversations(everything)
    rows, marked = inputs([text for _, text, _ in talked]), [follows for *_, follows in talked]
    apart = np.array([name in APART for name, *_ in talked])
    model, _ = fit(rows[~apart], [m for m, out in zip(marked, apart, strict=True) if not out], by_words=True)
    print("follows", area(model, rows[apart], [m for m, out in zip(marked, apart, strict=True) if out]))
    out = {
        "encoder": load_encoder().fingerprint.partition(":")[0],
        "several": kept_several, "sentence": kept_sentence, "follows": fit(rows, marked, by_words=True)[1],
    }  # fmt: skip
    a.out.write_text(json.dumps(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
