"""Pictures of text into characters, by the models that rapidocr brings with it, on onnxruntime (the extra `ocr`).

Nothing is downloaded: the models are files of the package, known by their hashes. A page takes seconds, so that the
pages of a file have a limit on their seconds of processor together.
"""

from __future__ import annotations

import ctypes
import hashlib
import math
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .pdf_chars import Glyph, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Line = tuple[str, Sequence[Any]]  # its text, and its words with their scores and corners

MODELS = {
    "Det": ("PP-OCRv6_det_small.onnx", "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f"),
    "Rec": ("PP-OCRv6_rec_small.onnx", "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"),
}
MAX_SECONDS = 40.0  # of processor for the pages of a file, where reading all of it may take 60
MAX_PROGRESS_SECONDS = 240.0  # for the same, where each page is reported and then may take as long as a file
MAX_SIDE = 1650  # pixels, a page of A4 in 140 dpi; a larger picture takes more memory than the process has
MAX_SCALE = 4.0  # pixels a point
MIN_SCORE = 0.5  # of a line; below are smudges and ornaments
MIN_SURE = 0.8  # of a page's usual line; below it lies on its side or on its head, where lines score 0.6 and less
LETTER = 0.8  # a font's size in parts of the height of a line's box
BASELINE = 0.24  # from the lower edge, in parts of that height
SAME_HEIGHT = 0.3  # lines of one type differ so much, for not all have letters that reach up or down
_BYTES = 3  # of a pixel


@cache
def _engine() -> Any:
    """The recogniser; `None` where it is not installed, or its models are others than those that were tried."""
    try:
        import cv2
        import rapidocr
    except ImportError:
        return None
    folder = Path(rapidocr.__file__).parent / "models"
    parameters: dict[str, Any] = {
        "Global.log_level": "critical",
        # Its own threads take address space and no less time: one page is read after the other.
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Rec.rec_batch_num": 1,  # lines at once; six take a hundred megabytes more
        # The classifier of lines that stand on their head looks at a line's beginning, and one in thirty wide lines is
        # turned wrongly and lost; whether a page does is told of the whole page (`_lines`).
        "Global.use_cls": False,
        "Global.text_score": 0.0,
    }
    for stage, (name, digest) in MODELS.items():
        file = folder / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            return None
        parameters[f"{stage}.model_path"] = str(file)
    cv2.setNumThreads(1)
    return rapidocr.RapidOCR(params=parameters)


class Recogniser:
    """Reads the pages of one file that are only pictures, as long as there is time.

    Args:
        progress: called before each page that is recognised; then there is more time (`MAX_PROGRESS_SECONDS`).

    Attributes:
        read, left: pages that were read, and those for which there was no time.

    """

    def __init__(self, progress: Callable[[], None] | None = None) -> None:
        self._progress = progress
        self.read = self.left = 0
        self._begun = time.process_time()

    @property
    def note(self) -> str:
        """What the owner of the file should know."""
        parts = []
        if self.read:
            parts.append(f"the text of {_pages(self.read)} recognised in a picture and may have errors")
        if self.left:
            parts.append(f"{_pages(self.left)} a picture and left out, for recognising it takes too long")
        return "; ".join(parts)

    def glyphs(self, raw: Any, page: Any, width: float, height: float) -> list[Glyph]:
        """Characters of a page in the order of its lines; none where there is no recogniser."""
        if _engine() is None or not raw.FPDFPage_CountObjects(page):
            return []
        most = MAX_SECONDS if self._progress is None else MAX_PROGRESS_SECONDS
        if time.process_time() - self._begun > most:
            self.left += 1
            return []
        if self._progress is not None:
            self._progress()
        turns, (rows, columns), lines = _lines(_picture(raw, page, width, height))
        if lines:
            self.read += 1
        return [_as_shown(glyph, turns) for glyph in _placed(lines, columns, rows, 1 / _scale(width, height))]


def _lines(picture: Any) -> tuple[int, tuple[int, int], list[Line]]:
    """Lines of the picture in the position in which they read best: quarter turns to the left, its rows and columns."""
    import numpy as np

    tried: list[tuple[float, int, list[Line]]] = []
    turns = [0]
    while turns:
        quarters = turns.pop()
        found = _engine()(np.ascontiguousarray(np.rot90(picture, quarters)), return_word_box=True)
        every = list(zip(found.txts or (), found.word_results or (), found.scores or (), strict=False))
        lines = [
            (text, words)
            for text, words, score in every
            if words and words[0][2] is not None and score >= MIN_SCORE and text.strip()
        ]
        letters = [score for text, _, score in every for _ in text]
        tried.append((sum(letters) / max(1, len(letters)), quarters, lines))
        if quarters == 0 and letters:
            upright = sum(len(text) for text, words, _ in every if not _tall(words))
            if 2 * upright < len(letters):
                tried, turns = [], [3, 1]  # lines that run up are read too, but their words' places are not told
            elif tried[-1][0] < MIN_SURE:
                turns = [2]
    _, quarters, lines = max(tried, key=lambda one: one[0])
    rows, columns = picture.shape[:2]
    return quarters, (columns, rows) if quarters % 2 else (rows, columns), lines


def _tall(words: Sequence[Any]) -> bool:
    """Whether a line runs up or down."""
    corners = [corner for _, _, box in words if box is not None for corner in box]
    if not corners:
        return False
    across, down = zip(*corners, strict=True)
    return bool(max(down) - min(down) > max(across) - min(across))


def _as_shown(glyph: Glyph, quarters: int) -> Glyph:
    """A character with its box on the page as it is shown, before it was turned to the left to be read."""
    left, top, right, bottom = glyph.box
    most = whole(1.0)
    for _ in range(quarters):  # each takes one turn back
        left, top, right, bottom = most - bottom, left, most - top, right
    return glyph._replace(box=(left, top, right, bottom))


def _pages(count: int) -> str:
    return f"{count:,} page{'s' if count != 1 else ''} {'were' if count != 1 else 'was'}"


def _scale(width: float, height: float) -> float:
    return min(MAX_SCALE, MAX_SIDE / max(width, height))


def _picture(raw: Any, page: Any, width: float, height: float) -> Any:
    """The page as an array of rows of pixels, blue first, on white."""
    import numpy as np

    scale = _scale(width, height)
    columns, rows = max(1, int(width * scale)), max(1, int(height * scale))
    stride = (columns * _BYTES + 3) // 4 * 4
    pixels = np.full((rows, stride), 255, np.uint8)
    bitmap = raw.FPDFBitmap_CreateEx(columns, rows, raw.FPDFBitmap_BGR, pixels.ctypes.data_as(ctypes.c_void_p), stride)
    try:
        raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, columns, rows, 0, raw.FPDF_ANNOT)
    finally:
        raw.FPDFBitmap_Destroy(bitmap)
    return np.ascontiguousarray(pixels[:, : columns * _BYTES].reshape(rows, columns, _BYTES))


def _placed(lines: Sequence[tuple[str, Sequence[Any]]], columns: float, rows: float, point: float) -> Iterator[Glyph]:
    """Characters of the lines; what lies askew is laid out straight, and its boxes are left as they are."""
    slopes = sorted(_slope(words) for _, words in lines if len(words) > 1)
    slope = slopes[len(slopes) // 2] if slopes else 0.0
    heights = [sorted(math.dist(box[0], box[3]) for _, _, box in words)[len(words) // 2] for _, words in lines]
    usual = sorted(heights)[len(heights) // 2] if heights else 0.0
    for (text, words), height in zip(lines, heights, strict=True):
        tall = usual if abs(height - usual) < SAME_HEIGHT * usual else height
        corners = [corner for _, _, box in words for corner in box]
        middle_x = sum(x for x, _ in corners) / len(corners)
        middle_y = sum(y for _, y in corners) / len(corners)
        base = (middle_y - slope * (middle_x - columns / 2) + (0.5 - BASELINE) * tall) * point
        for char, first, x0, x1, top, bottom in _characters(text, words):
            box = whole(x0 / columns), whole(top / rows), whole(x1 / columns), whole(bottom / rows)
            yield Glyph(char, x0 * point, x1 * point, base, LETTER * tall * point, False, first, 0, box)


def _characters(text: str, words: Sequence[Any]) -> Iterator[tuple[str, bool, float, float, float, float]]:
    """Each character with whether it opens a word, its left and right end, and its upper and lower edge.

    The line's text says where words end; the boxes, whose words may be cut elsewhere, say where they stand.
    """
    letters: list[tuple[float, float, float, float]] = []
    for part, _, ((x0, y0), (x1, y1), (x2, y2), (x3, y3)) in words:
        shown = "".join(part.split())
        for number in range(len(shown)):
            one, two = number / len(shown), (number + 1) / len(shown)
            sides = x0 + (x1 - x0) * one, x3 + (x2 - x3) * one, x0 + (x1 - x0) * two, x3 + (x2 - x3) * two
            edges = y0 + (y1 - y0) * one, y0 + (y1 - y0) * two, y3 + (y2 - y3) * one, y3 + (y2 - y3) * two
            letters.append((min(sides), max(sides), min(edges), max(edges)))
    parts = text.split()
    count = sum(len(word) for word in parts)
    if count != len(letters):  # then the line's letters are taken to be of one width
        x0, x1, top, bottom = (end(letter[side] for letter in letters) for side, end in enumerate((min, max, min, max)))
        step = (x1 - x0) / max(1, count)
        letters = [(x0 + step * number, x0 + step * (number + 1), top, bottom) for number in range(count)]
    at = 0
    for word in parts:
        held = letters[at : at + len(word)]
        at += len(word)
        left, right = held[0][0], max(held[-1][1], held[0][0])
        step = (right - left) / len(word)
        for number, (char, (_, _, top, bottom)) in enumerate(zip(word, held, strict=True)):
            yield char, number == 0, left + number * step, left + (number + 1) * step, top, bottom


def _slope(line: Sequence[Any]) -> float:
    (x0, y0), (x1, y1) = line[0][2][3], line[-1][2][2]
    return float((y1 - y0) / (x1 - x0)) if x1 > x0 else 0.0
