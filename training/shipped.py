"""The reader out of the graph that ships, so that training goes on where the checkpoints are gone.

Layers come back as they were rounded for shipping (seven bits an output channel); the word table and the layers that
training froze are the pretrained ones, as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import onnx
import torch
from model import Reader, pretrained
from onnx import numpy_helper
from settings import SETTINGS
from weights import weights_folder

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

HEADS = ("span", "support", "answerable")
Arrays: TypeAlias = "dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]"


def shipped(path: Path) -> Reader:
    """The reader of a graph that `export.py` wrote.

    Raises:
        KeyError: the graph lacks a matrix of the network.
    """
    stored, matrices = stored_in(path)
    reader = pretrained(weights_folder(), SETTINGS.model["layers"])
    frozen = tuple(f"layers.{number}." for number in range(SETTINGS.model["frozen"]))
    state = reader.state_dict()
    for name in state:
        module, _, kind = name.rpartition(".")
        short = module.removeprefix("encoder.")
        if short.split(".")[0] not in {"layers", *HEADS} or short.startswith(frozen):
            continue
        if "norm" in module or kind == "bias":
            state[name] = _tensor(stored[f"reader.{name}"])
        else:
            state[name] = matrix(stored, matrices[short])
    reader.load_state_dict(state)
    return reader


def stored_in(path: Path) -> tuple[Arrays, dict[str, str]]:
    """The arrays of a graph by their names, and of each module the name of its matrix."""
    graph = onnx.load(path).graph
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    matrices = {}
    for node in graph.node:
        place = node.name.strip("/").split("/")
        if node.op_type in {"MatMulInteger", "MatMul"} and len(node.input) > 1:
            matrices[".".join(place[:-1])] = node.input[1]
    return stored, matrices


def _tensor(array: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Tensor:
    return torch.from_numpy(np.array(array, dtype=np.float32))


def matrix(stored: Arrays, name: str) -> Tensor:
    """A stored matrix, rounded or not, as `nn.Linear` holds it: of shape (outputs, inputs)."""
    if not name.endswith("_quantized"):
        return _tensor(stored[name]).T.contiguous()
    part = name.removesuffix("quantized")
    levels = stored[name].astype(np.float32) - stored[f"{part}zero_point"].astype(np.float32)
    return _tensor(levels * stored[f"{part}scale"]).T.contiguous()
