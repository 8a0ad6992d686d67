"""The encoder–decoder Transformer, with attention written out, and the same by `nn.Transformer`."""

from __future__ import annotations

import math
import re

import torch
from torch import Tensor, nn

from dropout import NO_DROPOUT, Masks, PlaceDropout
from task import Shape

PADDING = -1
IGNORED = -100
"""What `cross_entropy` takes for no answer."""


def addition_pairs(tokens: Tensor, p: int) -> tuple[Tensor, Tensor]:
    """Rows of the addition table, int64 [batch, 2K], as pairs of sequences of several lengths.

    A source is the numbers x₁ … x_K and, x₁ mod 3 times, the token p after them: [batch, K + 2].
    Its target is p, the sum s, as many of s + 1 and s + 2 (mod p) as x_K mod 3 says, and p + 1:
    [batch, 5]. Both are filled up with −1.
    """
    numbers = tokens[:, 0::2]
    count = numbers.shape[1]
    source = torch.cat([numbers, numbers.new_full((len(numbers), 2), p)], dim=1)
    source_length = count + numbers[:, :1] % 3
    source = source.masked_fill(torch.arange(count + 2) >= source_length, PADDING)
    counted = (numbers.sum(dim=1, keepdim=True) + torch.arange(3)) % p
    begin, end = (numbers.new_full((len(numbers), 1), token) for token in (p, p + 1))
    target = torch.cat([begin, counted, end], dim=1)
    target_length = 2 + numbers[:, -1:] % 3
    target = torch.where(torch.arange(5) == target_length, p + 1, target)
    return source, target.masked_fill(torch.arange(5) > target_length, PADDING)


class Attention(nn.Module):
    """Multi-head attention of `h` on `keys`; `in_proj` stacks the query, key and value rows."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj = nn.Linear(dim, 3 * dim)
        self.out_proj = nn.Linear(dim, dim)
        nn.init.zeros_(self.in_proj.bias)
        nn.init.zeros_(self.out_proj.bias)

    def split(self, x: Tensor) -> Tensor:
        batch, length, dim = x.shape
        return x.view(batch, length, self.heads, dim // self.heads).transpose(1, 2)

    def forward(self, h: Tensor, keys: Tensor, seen: Tensor) -> Tensor:
        """`seen` is bool [batch, 1 or queries, keys]."""
        query = self.split(self.in_proj(h).chunk(3, dim=-1)[0])
        key, value = map(self.split, self.in_proj(keys).chunk(3, dim=-1)[1:])
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        mixed = scores.masked_fill(~seen[:, None], -math.inf).softmax(dim=-1) @ value
        return self.out_proj(mixed.transpose(1, 2).flatten(start_dim=2))


class FeedForward(nn.Module):
    """W₂ drop(relu(W₁ h + b₁)) + b₂."""

    def __init__(self, shape: Shape, masks: Masks, site: int) -> None:
        super().__init__()
        self.up = nn.Linear(shape.dim, shape.hidden)
        self.dropout = PlaceDropout(masks, site)
        self.down = nn.Linear(shape.hidden, shape.dim)

    def forward(self, h: Tensor, step: int) -> Tensor:
        return self.down(self.dropout(self.up(h).relu(), step))


class EncoderLayer(nn.Module):
    """h = LN(h + drop(attention(h))), then h = LN(h + drop(feed_forward(h))); three sites."""

    def __init__(self, shape: Shape, masks: Masks, site: int) -> None:
        super().__init__()
        self.attention = Attention(shape.dim, shape.heads)
        self.attention_dropout = PlaceDropout(masks, site)
        self.attention_norm = nn.LayerNorm(shape.dim)
        self.feed_forward = FeedForward(shape, masks, site + 1)
        self.feed_forward_dropout = PlaceDropout(masks, site + 2)
        self.feed_forward_norm = nn.LayerNorm(shape.dim)

    def forward(self, h: Tensor, seen: Tensor, step: int) -> Tensor:
        h = self.attention_norm(h + self.attention_dropout(self.attention(h, h, seen), step))
        branch = self.feed_forward_dropout(self.feed_forward(h, step), step)
        return self.feed_forward_norm(h + branch)


class DecoderLayer(nn.Module):
    """The same with attention on the encoder's output between; four sites."""

    def __init__(self, shape: Shape, masks: Masks, site: int) -> None:
        super().__init__()
        self.self_attention = Attention(shape.dim, shape.heads)
        self.self_attention_dropout = PlaceDropout(masks, site)
        self.self_attention_norm = nn.LayerNorm(shape.dim)
        self.cross_attention = Attention(shape.dim, shape.heads)
        self.cross_attention_dropout = PlaceDropout(masks, site + 1)
        self.cross_attention_norm = nn.LayerNorm(shape.dim)
        self.feed_forward = FeedForward(shape, masks, site + 2)
        self.feed_forward_dropout = PlaceDropout(masks, site + 3)
        self.feed_forward_norm = nn.LayerNorm(shape.dim)

    def forward(
        self, h: Tensor, memory: Tensor, seen: Tensor, seen_across: Tensor, step: int
    ) -> Tensor:
        branch = self.self_attention_dropout(self.self_attention(h, h, seen), step)
        h = self.self_attention_norm(h + branch)
        branch = self.cross_attention_dropout(self.cross_attention(h, memory, seen_across), step)
        h = self.cross_attention_norm(h + branch)
        branch = self.feed_forward_dropout(self.feed_forward(h, step), step)
        return self.feed_forward_norm(h + branch)


class Seq2Seq(nn.Module):
    """Tokens int64 [batch, T] of the addition table, read as pairs of sequences, to the logits
    [batch, 4, V] of what comes next at each place of the target."""

    def __init__(self, shape: Shape, masks: Masks = NO_DROPOUT) -> None:
        super().__init__()
        self.p = shape.p
        self.source_embedding = nn.Embedding(shape.p + 1, shape.dim)
        self.target_embedding = nn.Embedding(shape.p + 2, shape.dim)
        self.position_embedding = nn.Embedding(shape.pair_positions, shape.dim)
        self.source_dropout = PlaceDropout(masks, 0)
        self.target_dropout = PlaceDropout(masks, 1)
        self.encoder = nn.ModuleList(
            EncoderLayer(shape, masks, 2 + 3 * i) for i in range(shape.layers)
        )
        self.encoder_norm = nn.LayerNorm(shape.dim)
        self.decoder = nn.ModuleList(
            DecoderLayer(shape, masks, 2 + 3 * shape.layers + 4 * i) for i in range(shape.layers)
        )
        self.decoder_norm = nn.LayerNorm(shape.dim)
        self.readout = nn.Linear(shape.dim, shape.p + 2)
        for name, parameter in self.named_parameters():
            if name.startswith(("encoder.", "decoder.")) and parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def embed(self, table: nn.Embedding, tokens: Tensor) -> Tensor:
        return table(tokens.clamp(min=0)) + self.position_embedding.weight[: tokens.shape[1]]

    def forward(self, tokens: Tensor, step: int = 0) -> Tensor:
        source, target = addition_pairs(tokens, self.p)
        read = target[:, :-1]
        seen_across = (source != PADDING)[:, None]
        h = self.source_dropout(self.embed(self.source_embedding, source), step)
        for layer in self.encoder:
            h = layer(h, seen_across, step)
        memory = self.encoder_norm(h)
        seen = torch.ones(read.shape[1], read.shape[1], dtype=torch.bool).tril()[None]
        h = self.target_dropout(self.embed(self.target_embedding, read), step)
        for layer in self.decoder:
            h = layer(h, memory, seen, seen_across, step)
        return self.readout(self.decoder_norm(h))

    def answers(self, tokens: Tensor) -> Tensor:
        """What the logits should tell, int64 [batch, 4]; IGNORED after the end."""
        _, target = addition_pairs(tokens, self.p)
        return target[:, 1:].masked_fill(target[:, 1:] == PADDING, IGNORED)


RENAMED = {
    "encoder_norm": "encoder.norm",
    "decoder_norm": "decoder.norm",
    "feed_forward.up": "linear1",
    "feed_forward.down": "linear2",
    "self_attention_norm": "norm1",
    "cross_attention_norm": "norm2",
    "attention_norm": "norm1",
    "self_attention": "self_attn",
    "cross_attention": "multihead_attn",
    ".attention": ".self_attn",
    "in_proj.": "in_proj_",
}
"""Parts of names, in this order, and what `nn.Transformer` calls them."""


def pytorchs_name(name: str) -> str:
    last_norm = "norm3" if name.startswith("decoder") else "norm2"
    for ours, theirs in {**RENAMED, "feed_forward_norm": last_norm}.items():
        name = name.replace(ours, theirs)
    return re.sub(r"^(encoder|decoder)\.(\d)", r"\1.layers.\2", name)


def by_pytorchs_transformer(model: Seq2Seq, tokens: Tensor) -> Tensor:
    """The logits as `nn.Transformer` computes them with the model's weights."""
    dim, hidden = model.readout.in_features, model.encoder[0].feed_forward.up.out_features
    peer = nn.Transformer(
        dim,
        model.encoder[0].attention.heads,
        len(model.encoder),
        len(model.decoder),
        hidden,
        batch_first=True,
    )
    peer.eval().to(model.readout.weight.dtype)
    state = model.state_dict().items()
    stacks = {name: value for name, value in state if name.startswith(("encoder", "decoder"))}
    peer.load_state_dict({pytorchs_name(name): value for name, value in stacks.items()})
    source, target = addition_pairs(tokens, model.p)
    read = target[:, :-1]
    h = peer(
        model.embed(model.source_embedding, source),
        model.embed(model.target_embedding, read),
        tgt_mask=torch.ones(read.shape[1], read.shape[1], dtype=torch.bool).triu(diagonal=1),
        src_key_padding_mask=source == PADDING,
        memory_key_padding_mask=source == PADDING,
    )
    return model.readout(h)
