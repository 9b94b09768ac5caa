"""The trained reader as a Hugging Face folder, for other programs: its spans, without the heads that only we know.

python training/folder.py --out training/runs/folder
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from export import load_checkpoint
from model import NAMES
from safetensors.torch import save_file
from settings import SETTINGS
from weights import weights_folder

if TYPE_CHECKING:
    from model import Reader
    from torch import Tensor


def state_of(reader: Reader) -> dict[str, Tensor]:
    """The reader's tensors under the names of `MPNetForQuestionAnswering`."""
    encoder = reader.encoder
    state = {
        "mpnet.embeddings.word_embeddings.weight": encoder.words.weight,
        "mpnet.embeddings.position_embeddings.weight": encoder.position.weight,
        "mpnet.encoder.relative_attention_bias.weight": encoder.distance.weight,
    }
    for kind in ("weight", "bias"):
        state[f"mpnet.embeddings.LayerNorm.{kind}"] = getattr(encoder.norm, kind)
        state[f"qa_outputs.{kind}"] = getattr(reader.span, kind)
        for number, layer in enumerate(encoder.layers):
            above = f"mpnet.encoder.layer.{number}"
            for part, values in zip("qkv", getattr(layer.qkv, kind).chunk(3), strict=True):
                state[f"{above}.attention.attn.{part}.{kind}"] = values
            for mine, theirs in NAMES.items():
                state[f"{above}.{theirs}.{kind}"] = getattr(getattr(layer, mine), kind)
    return {name: tensor.detach().contiguous() for name, tensor in state.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=SETTINGS.runs / SETTINGS.reader_stages[-1].name / "last.pt")
    parser.add_argument("--out", type=Path, default=SETTINGS.runs / "folder")
    a = parser.parse_args()
    reader, _ = load_checkpoint(a.checkpoint)
    a.out.mkdir(parents=True, exist_ok=True)
    save_file(state_of(reader), a.out / "model.safetensors", metadata={"format": "pt"})
    source = weights_folder()
    config = json.loads((source / "config.json").read_text("utf-8"))
    config |= {"architectures": ["MPNetForQuestionAnswering"], "num_hidden_layers": SETTINGS.model["layers"]}
    (a.out / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    kind = {"tokenizer_class": "MPNetTokenizer", "model_max_length": 512, "cls_token": "<s>", "sep_token": "</s>"}
    (a.out / "tokenizer_config.json").write_text(json.dumps(kind, indent=1), encoding="utf-8")
    shutil.copy(source / "tokenizer.json", a.out)
    print(a.out)


if __name__ == "__main__":
    main()
