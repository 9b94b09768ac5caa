"""Makes a checkpoint of the shipped int8 reader, so that training may go on from it where its checkpoints are gone.

    python training/restore.py --from src/partnership_qa/model/reader.onnx --out training/runs/shipped.pt

Each weight is its eight bits times its channel's scale: the reader as it reads today, to the rounding of its
activations. `train.py --from` begins with a fresh optimiser then.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from model import new_reader
from onnx import numpy_helper
from torch import Tensor

PRODUCTS = ("qkv", "out", "up", "down")  # of a layer, in the order in which the graph computes them


def restore(path: Path) -> dict[str, Tensor]:
    """The state of `model.Reader` that a file of `export.py --variant int8` was made from."""
    graph = onnx.load(path).graph
    tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    state = new_reader()[0].state_dict()
    layers = 1 + max(int(name.split(".")[2]) for name in state if name.startswith("encoder.layers."))
    names = [f"encoder.layers.{layer}.{product}.weight" for layer in range(layers) for product in PRODUCTS]
    stored = [n.input[1].removesuffix("_quantized") for n in graph.node if n.op_type == "MatMulInteger"]
    heads = {name for name in stored if tensors[f"{name}_quantized"].shape[1] <= 2}
    matrices = dict(zip(names, [name for name in stored if name not in heads], strict=True))
    for name in heads:
        matrices["span.weight" if tensors[f"{name}_quantized"].shape[1] == 2 else "answerable.weight"] = name
    for name, value in state.items():
        if name in matrices:
            bits, scale = (tensors[matrices[name] + end] for end in ("_quantized", "_scale"))
            found = (bits.astype(np.float32) * scale).T
        else:
            found = tensors[name]
        # The exported position table ends where the reader's longest input does.
        value[: len(found)] = torch.from_numpy(found.copy())
    return state


def main() -> None:
    """Writes a checkpoint that `train.py --from`, `average.py` and `export.py` take."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    trained = json.loads(args.source.with_name("reader.json").read_text(encoding="utf-8"))["trained"]
    torch.save({"reader": restore(args.source), "examples": trained["examples"][args.source.name]}, args.out)


if __name__ == "__main__":
    main()
