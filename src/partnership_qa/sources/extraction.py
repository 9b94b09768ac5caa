"""Files that are no texts, parsed in a process of its own that is ended where it takes too long or too much."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from typing import TYPE_CHECKING, Any

from .encoding import NotTextError
from .pages import SIGNATURE
from .worker import READERS, load, receive, send

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from .layout import Extracted

SUFFIXES = tuple(READERS)
_STARTING_SECONDS = 60.0
_WAITING = 3
# The system's limit on seconds of processor, and our own clock.
_KILLED = {-number for number in (getattr(signal, "SIGXCPU", None), getattr(signal, "SIGKILL", None)) if number}
# NumPy starts a thread for each processor as it loads, each with its own part of the process's address space.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# The parent's own path, so that the same packages are found, and neither the working folder nor the environment counts.
_CODE = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {} import main; main(*json.loads(sys.argv[2]))"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the parsing of one file may take.

    Attributes:
        seconds: of processor, so that it does not matter what else the machine does; a file that waits is given up
            after three times as long. Each page of a scan may take as long again (`ocr.MAX_PROGRESS_SECONDS` for all).
        memory: bytes of address space.
        file, answer: bytes of the file, and of what is taken from it.

    """

    seconds: int = 60
    memory: int = 1536 * 2**20
    file: int = 64 * 2**20
    answer: int = 256 * 2**20


def is_worker(command: Sequence[object]) -> bool:
    """Whether a command, in its parts, starts the process in which files are parsed."""
    return list(command[:4]) == [sys.executable, "-I", "-c", _CODE.format(f"{__package__}.worker")]


class _FailedError(NotTextError):
    """A parser failed, and its process is ended; a file that it had read before may have left it too little memory."""


class Extractor:
    """One process for many files; it is started when it is first needed, and again after it had to be ended."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Extractor:  # noqa: PYI034 - Self came with Python 3.11
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def extract(self, data: bytes, suffix: str) -> Extracted:
        """Text and structure of a file's bytes in the format that its suffix, one of `SUFFIXES`, names.

        It is read as if it were the only file: one at which the parser fails after it read others is tried once more
        in a process that read none.

        Raises:
            NotTextError: it cannot be read, and why.

        """
        is_new = self._process is None
        try:
            return self._extract(data, suffix)
        except _FailedError:
            if is_new:
                raise
        return self._extract(data, suffix)

    def _extract(self, data: bytes, suffix: str) -> Extracted:
        answer = self._answer(suffix.lower().encode("ascii") + b"\n" + data)
        try:
            values: dict[str, Any] = json.loads(answer)
            if values.get("failed"):
                self.close()
                raise _FailedError(str(values["refused"]))
            if "refused" in values:
                raise NotTextError(str(values["refused"]))
            return load(values)
        except (ValueError, KeyError, TypeError, RecursionError):
            self.close()
            raise NotTextError("its parser gave what is no text") from None

    def page_image(self, data: bytes, number: int, width: int) -> bytes:
        """A page of a PDF's bytes as PNG.

        Args:
            data: the file.
            number: of the page, from 1.
            width: in pixels; less where the page is very high.

        Raises:
            NotTextError: it cannot be shown, and why.

        """
        answer = self._answer(f"page {number} {width}\n".encode("ascii") + data)
        if answer.startswith(SIGNATURE):
            return answer
        try:
            refused = str(json.loads(answer)["refused"])
        except (ValueError, KeyError, TypeError, RecursionError):
            self.close()
            refused = "its parser gave what is no picture"
        raise NotTextError(refused)

    def warm(self) -> None:
        """Start the process, with what draws pages loaded, so that the first page need not wait for it."""
        with suppress(NotTextError):
            self.page_image(b"", 1, 1)

    def _answer(self, request: bytes) -> bytes:
        """The answer to a request.

        Raises:
            NotTextError: there is none, and why.

        """
        answer = self._ask(request)
        if answer is None:
            if self.close() in _KILLED:
                raise NotTextError(f"reading it takes longer than {self._limits.seconds} s")
            raise _FailedError("its parser crashed on it")
        return answer

    def _ask(self, request: bytes) -> bytes | None:
        """The answer; `None` where there is none."""
        process = self._started()
        if process is None:
            return None
        assert process.stdin is not None
        assert process.stdout is not None
        answer: bytes | None = b""
        while answer == b"":  # a page of a scan was begun, or nothing was asked yet
            timer = Timer(_WAITING * self._limits.seconds, process.kill)
            timer.start()
            try:
                if request:
                    send(process.stdin, request)
                    request = b""
                answer = receive(process.stdout, self._limits.answer)
            except OSError:  # it ended while it was written to
                return None
            finally:
                timer.cancel()
        return answer

    def _started(self) -> subprocess.Popen[bytes] | None:
        """The process, ready to be asked; `None` where it does not come up."""
        if self._process is None:
            limits = [self._limits.memory, self._limits.seconds, self._limits.file + 100]
            code = _CODE.format(f"{__package__}.worker")
            self._process = subprocess.Popen(  # noqa: S603 - this very Python and a module of this package
                [sys.executable, "-I", "-c", code, json.dumps(sys.path), json.dumps(limits)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD},
            )  # fmt: skip
            assert self._process.stdout is not None
            timer = Timer(_STARTING_SECONDS, self._process.kill)
            timer.start()
            ready = receive(self._process.stdout, 100)
            timer.cancel()
            if ready is None:
                self.close()
        return self._process

    def close(self) -> int:
        """End the process, if there is one; what it ended with, negative for a signal."""
        process, self._process = self._process, None
        if process is None:
            return 0
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)  # one that has come to its end by itself says how
        process.kill()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):  # what was not written yet cannot be written any more
                if stream is not None:
                    stream.close()
        return process.wait()
