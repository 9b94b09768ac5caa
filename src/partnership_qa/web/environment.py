"""How gradio is imported: nothing leaves the machine, uploads have a place of their own, and nothing is written."""

from __future__ import annotations

import atexit
import inspect
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from ..integrations.keyed import LOOPBACK

_QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_SHARE": "False",
    "GRADIO_SSR_MODE": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


@cache
def prepare() -> Path:
    """Set the environment once a process.

    Returns:
        The folder that uploads pass through; it is emptied as they are read, and removed when the process ends.

    """
    os.environ.update(_QUIET)
    _no_proxy()
    folder = tempfile.mkdtemp(prefix="partnership-qa-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["GRADIO_TEMP_DIR"] = folder
    return Path(folder)


def import_gradio() -> None:
    """Set the environment and import gradio without the type stubs that it writes beside its own modules.

    For every component its import reads the component's source, compares the stub that editors use, and writes it
    where it is missing: almost half of the import's time, in a folder that is not ours. It leaves a component alone
    whose source cannot be found, so while it is imported none of its classes' can.
    """
    prepare()
    found = inspect.getfile

    def hidden(thing: Any) -> str:
        if isinstance(thing, type) and thing.__module__.startswith("gradio."):
            raise OSError
        return found(thing)

    inspect.getfile = hidden  # type: ignore[assignment]
    try:
        import gradio  # noqa: F401 - for those that import it after this
    finally:
        inspect.getfile = found


def _no_proxy() -> None:
    """Ask no proxy for what is on this machine: gradio looks whether its own page answers, and would not reach it."""
    for name in ("no_proxy", "NO_PROXY"):
        given = os.environ.get(name) or os.environ.get(name.swapcase(), "")
        known = [one.strip() for one in given.split(",") if one.strip()]
        os.environ[name] = ",".join(dict.fromkeys((*known, *LOOPBACK)))
