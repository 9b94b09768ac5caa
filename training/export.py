r"""Writes the two graphs of a trained reader as ONNX: fp32, fp16 (stored), int8 or int8-narrow, and compares them.

    python training/export.py --from training/runs/mean.pt --sentences training/runs/sentences/final.pt \
        --out training/runs/export --variant int8

The graph takes rows of the frozen word embedding table (`inputs_embeds`), so that the table is not shipped
twice; position and type embeddings and the first LayerNorm are inside.  `--compare` measures size, speed and
development figures of all variants side by side in one run.
"""

from __future__ import annotations

import argparse
import json
import pickle
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from dev import Run, dev_examples, dev_figures, pad
from model import Reader, encoder_folder, load_encoder, new_reader
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from render import MAX_TOKENS, QUESTION_TOKENS, Encoded

from partnership_qa.embedding import sha256_file
from partnership_qa.reading.onnx import FORMAT, GRAPHS

OPSET = 17
VARIANTS = ("fp32", "fp16", "int8", "int8-narrow")


def load_reader(checkpoint: Path) -> tuple[Reader, int]:
    """The reader of a checkpoint, ready to read, and the examples it was trained on."""
    reader, _ = new_reader()
    state = torch.load(checkpoint, weights_only=False)
    reader.load_state_dict(state["reader"])
    return reader.eval(), state["examples"]


def export_fp32(reader: Reader, path: Path) -> None:
    """The plain graph; batch and tokens are dynamic."""
    sample = (torch.randn(2, 9, 384), torch.ones(2, 9, dtype=torch.long), torch.zeros(2, 9, dtype=torch.long))
    names = ["inputs_embeds", "attention_mask", "token_type_ids"]
    outputs = ["start_logits", "end_logits", "answerable"]
    axes = {name: {0: "batch", 1: "tokens"} for name in names + outputs[:2]} | {"answerable": {0: "batch"}}
    torch.onnx.export(
        reader,
        sample,
        str(path),
        input_names=names,
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )


def trim_positions(path: Path) -> None:
    """Keeps the rows of the position table that MAX_TOKENS needs."""
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        if tensor.name == "encoder.position.weight":
            rows = numpy_helper.to_array(tensor)[:MAX_TOKENS]
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(rows), tensor.name))
    onnx.save(model, path)


def fuse(path: Path) -> None:
    """onnxruntime's transformer fusions (attention, LayerNorm, GELU), in place."""
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False
    model = optimizer.optimize_model(
        str(path), model_type="bert", num_heads=12, hidden_size=384, optimization_options=options, opt_level=0
    )
    print({k: v for k, v in model.get_fused_operator_statistics().items() if v}, flush=True)
    model.save_model_to_file(str(path))


def store_fp16(source: Path, path: Path) -> None:
    """Stores the large weights in half precision and casts them back in the graph."""
    model = onnx.load(source)
    casts, kept = [], []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 1024:
            kept.append(tensor)
            continue
        half = numpy_helper.to_array(tensor).astype(np.float16)
        kept.append(numpy_helper.from_array(half, tensor.name + "_half"))
        casts.append(helper.make_node("Cast", [tensor.name + "_half"], [tensor.name], to=TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    for field, values in ((model.graph.initializer, kept), (model.graph.node, nodes)):
        del field[:]
        field.extend(values)
    onnx.save(model, path)


def quantise(source: Path, path: Path, narrow: bool) -> None:
    """int8 weights, per channel, for every matrix product; the rest stays in fp32.

    `narrow` keeps the weights to seven bits, so that processors without VNNI cannot overflow when they add.
    """
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.onnx"
        quant_pre_process(str(source), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(
            ready,
            path,
            per_channel=True,
            reduce_range=narrow,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm", "Attention"],
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )


def session(path: Path, threads: int = 2) -> ort.InferenceSession:
    """An inference session on the processor."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def feeds(rows: list[Encoded], words: np.ndarray) -> dict[str, np.ndarray]:
    """The graph's inputs for token rows."""
    ids, mask, types = pad(rows)
    return {
        "inputs_embeds": words[ids.numpy()],
        "attention_mask": mask.numpy(),
        "token_type_ids": types.numpy(),
    }


def runner(path: Path, words: np.ndarray) -> Run:
    """Token rows to logits through the file."""
    live = session(path)

    def run(rows: list[Encoded]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        start, end, answerable = live.run(None, feeds(rows, words))
        return start, end, answerable

    return run


def build(reader: Reader, folder: Path) -> dict[str, Path]:
    """All variants, as files of `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    plain, fused = folder / "plain.onnx", folder / "fp32.onnx"
    export_fp32(reader, plain)
    trim_positions(plain)
    fused.write_bytes(plain.read_bytes())
    fuse(fused)
    paths = {name: folder / f"{name}.onnx" for name in ("plain", *VARIANTS)}
    store_fp16(fused, paths["fp16"])
    quantise(fused, paths["int8"], narrow=False)
    quantise(fused, paths["int8-narrow"], narrow=True)
    return paths


def milliseconds(path: Path, batch: int = 5, tokens: int = 220, rounds: int = 12) -> float:
    """Median time of a batch."""
    live = session(path)
    inputs = {
        "inputs_embeds": np.random.default_rng(0).normal(size=(batch, tokens, 384)).astype(np.float32) * 0.05,
        "attention_mask": np.ones((batch, tokens), np.int64),
        "token_type_ids": np.zeros((batch, tokens), np.int64),
    }
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        live.run(None, inputs)
        times.append(time.perf_counter() - began)
    return 1000 * float(np.median(times[2:]))


def compare(paths: dict[str, Path], pool: Path, every: int) -> dict[str, dict]:
    """Size, time of five passages and development figures of each variant."""
    state = pickle.loads(pool.read_bytes())
    sets = dev_examples(state["dev_passages"], state["dev_questions"])[::every]
    answers = [q.answers for q in state["dev_questions"] if len(q.negatives) >= 4][::every]
    words = load_encoder()[1].numpy()
    table = {}
    for name, path in paths.items():
        row = {"megabytes": round(path.stat().st_size / 1e6, 1), "ms": round(milliseconds(path), 1)}
        table[name] = row | dev_figures(sets, answers, runner(path, words))
        print(name, table[name], flush=True)
    return table


def put(reader: Reader, work: Path, variant: str, to: Path) -> dict[str, Path]:
    """Builds all variants in a folder, puts one of them in its place, and gives them all."""
    paths = build(reader, work)
    beside = to.with_suffix(".tmp")
    beside.write_bytes(paths[variant].read_bytes())
    beside.replace(to)
    return paths


def main() -> None:
    """Exports one variant with its card, and compares all where asked to."""
    root = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", type=Path, default=root / "runs/main/final.pt")
    parser.add_argument("--sentences", type=Path, required=True, help="checkpoint of the reader of single sentences")
    parser.add_argument("--words", type=float, default=0.5, help="weight of the second reading in choosing the words")
    parser.add_argument("--place", type=float, default=0.2, help="the same in choosing the sentence, item or row")
    parser.add_argument("--out", type=Path, default=root / "runs/export-latest")
    parser.add_argument("--work", type=Path, default=root / "runs/variants")
    parser.add_argument("--pool", type=Path, default=root / "runs/pool.pkl")
    parser.add_argument("--variant", choices=VARIANTS, default="int8")
    parser.add_argument("--compare", action="store_true", help="measure every variant of the passages' graph")
    parser.add_argument("--every", type=int, default=1, help="compare on every n-th development question")
    args = parser.parse_args()
    torch.set_num_threads(2)
    args.out.mkdir(parents=True, exist_ok=True)
    reader, examples = load_reader(args.source)
    files = [args.out / name for name in GRAPHS]
    paths = put(reader, args.work, args.variant, files[0])
    sentences, more = load_reader(args.sentences)
    put(sentences, args.work / "sentences", args.variant, files[1])
    card = {
        "format": FORMAT,
        "sha256": {path.name: sha256_file(path) for path in files},
        "second_reading": {"words": args.words, "place": args.place},
        "encoder_weights_sha256": sha256_file(encoder_folder() / "model.safetensors"),
        "variant": args.variant,
        "max_tokens": MAX_TOKENS,
        "question_tokens": QUESTION_TOKENS,
        "trained": {
            "examples": dict(zip(GRAPHS, (examples, more), strict=True)),
            "data": "SQuAD 1.1 and 2.0 excerpts, SquadShifts, QAMR, PolicyQA, SubjQA, FriendsQA, Molweni, "
            "abstracts, made-up tables and lists; see training/README.md",
        },
    }
    (args.out / "reader.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=1), flush=True)
    if args.compare:
        compare(paths, args.pool, args.every)


if __name__ == "__main__":
    main()
