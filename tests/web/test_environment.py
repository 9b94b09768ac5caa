"""How gradio is imported."""

from __future__ import annotations

import inspect
import subprocess
import sys

from partnership_qa.web import environment

OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, values: opened.append(str(values[0])) if event == "open" else None)
from partnership_qa.web import environment
environment.import_gradio()
import gradio
print(gradio.Textbox.__name__, sum(name.endswith(".pyi") for name in opened))
"""


def test_gradio_is_imported_without_a_look_at_the_stubs_of_its_modules() -> None:
    done = subprocess.run([sys.executable, "-c", OPENED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Textbox", "0"]


def test_sources_are_found_as_before_afterwards() -> None:
    before = inspect.getfile
    environment.import_gradio()
    assert inspect.getfile is before
