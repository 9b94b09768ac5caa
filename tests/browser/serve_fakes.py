"""Serves the page over the small corpus with the readable fakes: `python serve_fakes.py FOLDER` prints its address.

Further arguments are those of `partnership-qa serve`.

The page runs in a process of its own, as it does in earnest, so that its loops and sockets are not pytest's. The
reader points at the last cell of a row of more than ten, raises for a question with the word `explode` and takes its
time over one with `linger`; the encoder takes its time over texts with the word `slow`.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fakes import CORPUS, FAKE_CALIBRATION, FakeEncoder, FakeReader

from partnership_qa.cli.app import app, run
from partnership_qa.index import build
from partnership_qa.qa import QA
from partnership_qa.web import environment


class OddReader(FakeReader):
    def read(self, question, passages, proposals=()):
        if "explode" in question:
            raise RuntimeError("secret /home/somebody")
        if "linger" in question:
            time.sleep(2)
        read = super().read(question, passages, proposals)
        return [self._last_cells(reading, one) for reading, one in zip(read, passages, strict=True)]

    @staticmethod
    def _last_cells(reading, passage):
        def narrowed(span):
            cells = passage.units[span.unit].cells
            return replace(span, start=cells[-1].start, end=cells[-1].end) if len(cells) > 10 else span

        return replace(reading, spans=tuple(narrowed(span) for span in reading.spans))


class OddEncoder(FakeEncoder):
    def _vector(self, text):
        if "slow" in text:
            time.sleep(0.05)
        return super()._vector(text)


def main(folder: Path, options: list[str]) -> None:
    for name, text in CORPUS.items():
        file = folder / "corpus" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    encoder = OddEncoder()
    build(folder / "corpus", folder / "index", encoder)
    environment.prepare()
    from partnership_qa.web import server

    # All but the models is as in earnest: the command, its options, the gate.
    server._assemble = lambda index: QA.assemble(index, encoder, OddReader(), FAKE_CALIBRATION)
    arguments = ["serve", "--index", str(folder / "index"), *options]
    sys.exit(run(lambda standalone_mode: app(arguments, standalone_mode=standalone_mode)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
