"""Models loaded ahead of their first use, while Python is busy importing a command line or a page.

Half of what they take is done outside Python (hashing, and what onnxruntime makes of the weights), so that on two
processors it costs no time.
"""

from __future__ import annotations

import threading
from contextlib import suppress


def load_ahead(*, reader: bool = True) -> list[threading.Thread]:
    """Begin to load the default encoder, and the shipped reader too; whoever asks for them waits for no second load.

    What goes wrong goes wrong again where they are used, and is told there.
    """
    # The reader takes longest.
    loads = [_load_reader, _load_encoder] if reader else [_load_encoder]
    threads = [threading.Thread(target=load, name="models") for load in loads]
    for thread in threads:
        thread.start()
    return threads


def _load_encoder() -> None:
    with suppress(Exception):
        from .embedding import load_encoder

        load_encoder()


def _load_reader() -> None:
    with suppress(Exception):
        from .reading.onnx import load_reader

        load_reader()
