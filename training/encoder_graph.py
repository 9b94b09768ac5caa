"""The encoder's graphs without their weights: `python training/encoder_graph.py` writes them into `embedding/`.

A BERT of six layers (Devlin et al. 2019) as all-MiniLM-L6-v2 is one, for one text without padding: token numbers,
int64 of shape (n,), to a vector, float32 of shape (384,): the mean over the tokens (special ones included, as the
model's pooling says) brought to length one. Its weights are named by their places in the installed `model.safetensors`,
which is the only file that fits them. Attention is onnxruntime's own operator, the rest are standard ones (opset 20).

`encoder.onnx` is that. In `encoder-int8.onnx` the linear maps are of whole numbers: their weights are handed over when
it is loaded, made from the same file, and what goes in is scaled text by text (DynamicQuantizeMatMul of onnxruntime).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from partnership_qa.embedding import DEFAULT_WEIGHTS_SHA256, default_model_dir, sha256_file

OUT = Path(__file__).resolve().parents[1] / "src/partnership_qa/embedding"
WEIGHTS = "model.safetensors"
WIDTH, HEADS, LAYERS, EPSILON = 384, 12, 6, 1e-12
_FIRST = np.array([0], dtype=np.int64)


class Graph:
    """Nodes and weights in the order in which they are added."""

    def __init__(self, weights: Path, *, int8: bool) -> None:
        with weights.open("rb") as stream:
            size = int.from_bytes(stream.read(8), "little")
            self._places: dict[str, Any] = json.loads(stream.read(size))
        self._begin = 8 + size
        self._int8 = int8
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def weight(self, name: str) -> str:
        """A tensor of the file, by its place in it."""
        place = self._places[name]
        if place["dtype"] != "F32":
            raise ValueError(f"{name} is of {place['dtype']}")
        first, last = place["data_offsets"]
        proto = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=place["shape"])
        proto.data_location = TensorProto.EXTERNAL
        for key, value in (("location", WEIGHTS), ("offset", self._begin + first), ("length", last - first)):
            proto.external_data.add(key=key, value=str(value))
        self.initializers.append(proto)
        return name

    def _handed_over(self, name: str, kind: int, shape: list[int]) -> str:
        """A tensor in the place of which another is given when the graph is loaded: there is no such file."""
        proto = TensorProto(name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL)
        proto.external_data.add(key="location", value="handed-over")
        self.initializers.append(proto)
        return name

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def add(self, kind: str, inputs: list[str], output: str, domain: str = "", **settings: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **settings))
        return output

    def normed(self, part: str, x: str, output: str) -> str:
        weights = [self.weight(f"{part}.weight"), self.weight(f"{part}.bias")]
        return self.add("LayerNormalization", [x, *weights], output, epsilon=EPSILON, axis=-1)

    def linear(self, part: str, x: str, output: str) -> str:
        if self._int8:
            wide, deep = self._places[f"{part}.weight"]["shape"]
            names = [
                self._handed_over(f"{part}.weight.int8", TensorProto.INT8, [deep, wide]),
                self._handed_over(f"{part}.weight.scale", TensorProto.FLOAT, [wide]),
            ]
            given = [x, *names, "", self.weight(f"{part}.bias")]
            return self.add("DynamicQuantizeMatMul", given, output, domain="com.microsoft")
        # The weights stand as (out, in); multiplied so, they need not be turned round.
        return self.add("Gemm", [x, self.weight(f"{part}.weight"), self.weight(f"{part}.bias")], output, transB=1)


def embeddings(graph: Graph) -> str:
    """Word, place and kind of each token, normalised."""
    first = graph.constant("first", _FIRST)
    words = graph.add("Gather", [graph.weight("embeddings.word_embeddings.weight"), "input_ids"], "words")
    kinds = graph.add(
        "Slice",
        [graph.weight("embeddings.token_type_embeddings.weight"), first, graph.constant("one", _FIRST + 1)], "kinds",
    )  # fmt: skip
    length = graph.add("Shape", ["input_ids"], "length")
    places = graph.add("Slice", [graph.weight("embeddings.position_embeddings.weight"), first, length], "places")
    summed = graph.add("Add", [graph.add("Add", [words, kinds], "words_and_kinds"), places], "embedded")
    return graph.normed("embeddings.LayerNorm", summed, "layer_0")


def layer(graph: Graph, number: int, x: str) -> str:
    """Attention and the two linear maps behind it, each added to what went in and normalised."""
    part, name = f"encoder.layer.{number}", f"layer_{number + 1}"
    rows = [
        graph.add("Reshape", [graph.linear(f"{part}.attention.self.{kind}", x, f"{name}_{kind}"), "as_batch"],
                  f"{name}_{kind}_row")
        for kind in ("query", "key", "value")
    ]  # fmt: skip
    seen = graph.add("MultiHeadAttention", rows, f"{name}_seen", domain="com.microsoft", num_heads=HEADS)
    seen = graph.linear(
        f"{part}.attention.output.dense", graph.add("Reshape", [seen, "as_text"], f"{name}_joined"), f"{name}_mixed"
    )
    x = graph.normed(
        f"{part}.attention.output.LayerNorm", graph.add("Add", [seen, x], f"{name}_attended"), f"{name}_half"
    )
    wide = graph.add("Gelu", [graph.linear(f"{part}.intermediate.dense", x, f"{name}_wide")], f"{name}_gelu")
    narrow = graph.linear(f"{part}.output.dense", wide, f"{name}_narrow")
    return graph.normed(f"{part}.output.LayerNorm", graph.add("Add", [narrow, x], f"{name}_sum"), name)


def make(weights: Path, *, int8: bool = False) -> onnx.ModelProto:
    """The whole graph, for a file of weights."""
    graph = Graph(weights, int8=int8)
    graph.constant("as_batch", np.array([1, -1, WIDTH], dtype=np.int64))
    graph.constant("as_text", np.array([-1, WIDTH], dtype=np.int64))
    x = embeddings(graph)
    for number in range(LAYERS):
        x = layer(graph, number, x)
    mean = graph.add("ReduceMean", [x, "first"], "mean", keepdims=0)
    graph.add("LpNormalization", [mean], "vector", axis=-1, p=2)
    made = helper.make_graph(
        graph.nodes, "encoder",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["tokens"])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [WIDTH])],
        graph.initializers,
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=10)


def main() -> None:
    weights = default_model_dir() / WEIGHTS
    if sha256_file(weights) != DEFAULT_WEIGHTS_SHA256:
        raise SystemExit(f"{weights} are other weights than the graph is for.")
    for name, int8 in (("encoder.onnx", False), ("encoder-int8.onnx", True)):
        (OUT / name).write_bytes(make(weights, int8=int8).SerializeToString(deterministic=True))
        print(f"{name}: {(OUT / name).stat().st_size} bytes")


if __name__ == "__main__":
    main()
