"""What every test may use: a readable encoder and reader without weights, and a corpus of three short texts."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import strategies as st

from partnership_qa.answering.confidence import FEATURES, LIST_FEATURES, Calibration
from partnership_qa.index import Index, build, open_index
from partnership_qa.qa import QA
from partnership_qa.question.kind import QuestionKind
from partnership_qa.sources import read_blocks
from partnership_qa.text import FUNCTION_WORDS, content_words, terms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from partnership_qa.chunking import Passage
    from partnership_qa.embedding import Encoder
    from partnership_qa.reading import Proposal, Reading

_PIECE = re.compile(r"\w{1,6}|[^\w\s]")


class FakeEncoder:
    """A bag of stems: each stem points along one of 64 axes, so that texts with the same words are near each other.

    `calls` counts calls of `encode`, `encoded` the texts that they were given.
    """

    def __init__(self, fingerprint: str = "fake-1", dimension: int = 64, max_pieces: int = 254) -> None:
        self.name = "fake"
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.max_pieces = max_pieces
        self.calls = 0
        self.encoded = 0

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> np.ndarray:
        self.calls += 1
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for number, text in enumerate(texts):
            self.encoded += 1
            vectors[number] = self._vector(text)
            if progress is not None:
                progress(number + 1, len(texts))
        return vectors

    def _vector(self, text: str) -> np.ndarray:
        counts = np.zeros(self.dimension)
        counts[0] = 0.5  # a text without any word has a direction too
        for stem in terms(text):
            digest = hashlib.sha256(f"{self.fingerprint}:{stem}".encode()).digest()
            counts[int.from_bytes(digest[:4], "big") % self.dimension] += 1
        return (counts / np.linalg.norm(counts)).astype(np.float32)

    def count_pieces(self, text: str) -> int:
        """Up to six letters a piece, a sign a piece: it adds up over parts that white space divides, as BERT's does."""
        return len(_PIECE.findall(text))


class FakeReader:
    """Points at the unit with most of the question's stems; its score is how many it shares less those it lacks.

    A passage answers where the unit holds more than five in twelve of them. A table row is read with its column names,
    and a header row is never pointed at. Items are supported where the sentence above them shares two of the
    question's stems.
    """

    def __init__(self) -> None:
        self.name = "fake"
        self.calls = 0

    def propose(self, question: str, passages: Sequence[Passage]) -> list[Proposal]:
        return []

    def read(self, question: str, passages: Sequence[Passage], proposals: Sequence[Proposal] = ()) -> list[Reading]:
        self.calls += 1
        asked = {stem for stem in terms(question) if stem not in FUNCTION_WORDS}
        return [self._reading(asked, passage) for passage in passages]

    def _reading(self, asked: set[str], passage: Passage) -> Reading:
        # Not above: it loads onnxruntime, whose threads do not survive the forks of tests/faults/trials.py.
        from partnership_qa.reading import Reading, ReadSpan

        best: tuple[int, int] | None = None
        for number, unit in enumerate(passage.units):
            text = passage.text[unit.start - passage.start : unit.end - passage.start]
            shared = len(asked & set(terms(" ".join((*unit.columns, text)))))
            if shared and not unit.is_header and (best is None or shared > best[0]):
                best = (shared, number)
        if best is None:
            return Reading((), -8.0)
        shared, number = best
        unit = passage.units[number]
        span = ReadSpan(unit.content.start, unit.content.end, number, float(2 * shared - len(asked)))
        return Reading((span,), 12.0 * shared / len(asked) - 5.0, self._support(asked, passage))

    def _support(self, asked: set[str], passage: Passage) -> tuple[float, ...]:
        lead, support = 0, []
        for unit in passage.units:
            text = passage.text[unit.start - passage.start : unit.end - passage.start]
            if unit.group < 0:
                lead = len(asked & set(terms(text)))
            support.append(4.0 if unit.group >= 0 and lead >= 2 else -4.0)
        return tuple(support)


class FakeKinds:
    """Several things are wanted by `what are`, `list`, `things` and `rules`, a sentence by how and why.

    A question of at most two content words follows others.
    """

    def of(self, text: str, encoder: Encoder, vector: np.ndarray | None = None) -> QuestionKind:
        several = re.match(r"(?i)what are|list |wh(at|ich) .*\b(things|rules)\b", text) is not None
        sentence = re.match(r"(?i)(how (?!many|much)|why )", text) is not None
        short = len(content_words(text)) <= 2
        return QuestionKind(1.0 if several else -1.0, 3.0 if sentence else -3.0, 3.0 if short else -3.0)


# Answers where the quoted unit holds more than five in twelve of the question's words, declines below that.
FAKE_CALIBRATION = Calibration(
    tuple(1.0 if name == "answerable" else 0.0 for name in FEATURES),
    bias=0.0,
    threshold=0.5,
    doubt=0.1,
    list_weights=tuple(3.0 if name in ("support", "several") else 0.0 for name in LIST_FEATURES),
    list_bias=-6.0,
    kinds=FakeKinds(),
)

CORPUS = {
    # Markdown: nested headings, a list, a table whose header names the columns, characters outside ASCII.
    "harbour.md": """\
# Harbour of Väsby

The harbour was dug in 1874 by Ingrid Holm. It freezes in January.

## Fees

Every boat pays by its length, from three kronor upwards.

| Boat   | Fee | Berth |
|--------|-----|-------|
| Dinghy | 3   | North |
| Cutter | 12  | South |

## Rules of the quay

Three things are forbidden on the quay:

- Lighting a fire.
- Selling fish after noon.
- Mooring without a lantern.
""",
    # Plain text: headings without a mark, `- Label: text` bullets, a table with figures.
    "ledger.txt": """\
The Lighthouse Ledger

Keepers and their years

- Anna Berg: kept the light from 1901 to 1919 and wrote the first ledger.
- Olof Lind: kept it until 1944, when the lamp became electric.

Oil burnt

The lamp burnt colza oil at first. Paraffin replaced it in 1893, because it was cheaper by half.

Year | Barrels
1890 | 40
1895 | 22
""",
    # In a folder of its own, one paragraph, no heading.
    "letters/june.txt": "Dear Olof, the new lens arrived on Tuesday. It weighs two tonnes and cost 4,000 kronor.\n",
}


# Lines of every kind the two text formats know, and of kinds that they do not.
LINES = [
    "", "   ", "# Title", "## Second one ##", "Title Of It", "=====", "-----", "~~~", "- item one", "* item two",
    "  - nested item", "    continued text here", "1. First.", "2) second", "(a) letter", "| a | b |", "|---|:-:|",
    "a | b | c", "| x \\| y | |", "||", "|", "A sentence here. And another one!", "```python", "```", "code = 1",
    "wrapped lower case line that goes on for a good while until it must", "\tindented code", "> quoted text",
    ">> deeper", "> - item in quote", "---", "***", "<div>html</div>", "<!-- c -->", '[ref]: http://example.com "t"',
    "== Wiki ==", "= = Spaced = =", "Name: value", "Ünïcode 中文。 句子", "\ufeffmark inside", "e\u0301 \u200b zero",
    "\x0cform feed", "a\x0bb", "a\x85b", "a\u2028b", "<|endoftext|>", "1.2 Numbered heading", "-", "#", "#x", "* * *",
    "-  \tx", "\xa0", "🙂 emoji line.", "- - double", "1. - mixed", "- # heading in item", "- ```", "- | a | b |",
    "  |--|--|", "===", "\x1c", "\ufeff", "• bullet", "– dash", "שלום, עולם.", "name: value",
]  # fmt: skip


def structured_texts() -> st.SearchStrategy[str]:
    """Texts that put those lines together in any order, with any line ending, with and without a byte-order mark."""
    lines = st.lists(st.sampled_from(LINES), min_size=1, max_size=10)
    return st.builds(
        lambda mark, end, parts: mark + end.join(parts),
        st.sampled_from(["", "", "\ufeff"]),
        st.sampled_from(["\n", "\n", "\r\n", "\r"]),
        lines,
    )


def outline(text: str, suffix: str) -> list[str]:
    """Structure of a text, a line a block: `h2 Title`, `p Words.`, `li0 item`, `head a|b`, `row 1|2`, `code x`."""
    names = {"paragraph": "p", "table_row": "row", "code": "code"}
    shown = []
    for block in read_blocks(text, suffix):
        name = names.get(block.kind.value) or {"heading": "h", "list_item": "li"}[block.kind.value] + str(block.level)
        words = "|".join(text[start:end] for start, end in block.cells) if block.cells else text[slice(*block.content)]
        shown.append(f"{'head' if block.is_header else name} {words}")
    return shown


def written(folder: Path, texts: Mapping[str, str]) -> Path:
    """A folder with some texts, by their names."""
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8"))
    return folder


def qa_of(folder: Path, texts: Mapping[str, str], reader: FakeReader | None = None) -> QA:
    """Some texts, written and built below a folder and ready to be asked."""
    encoder = FakeEncoder()
    build(written(folder / "texts", texts), folder / "made", encoder)
    return QA.assemble(open_index(folder / "made"), encoder, reader or FakeReader(), FAKE_CALIBRATION)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder with the three texts; the test may change it."""
    return written(tmp_path / "corpus", CORPUS)


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where an index is to be written; nothing is there yet."""
    return tmp_path / "index"


@pytest.fixture
def index(corpus: Path, root: Path, encoder: FakeEncoder) -> Index:
    """The three texts, built and opened."""
    build(corpus, root, encoder)
    return open_index(root)


@pytest.fixture
def qa(index: Index, encoder: FakeEncoder) -> QA:
    """The three texts, ready to be asked."""
    return QA.assemble(index, encoder, FakeReader(), FAKE_CALIBRATION)
