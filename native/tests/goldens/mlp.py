"""The MLP over the concatenated tokens."""

from __future__ import annotations

from torch import Tensor, nn

from dropout import NO_DROPOUT, Dropout, Masks
from task import Shape


class FeedForward(nn.Module):
    """W₂ relu(W₁ h + b₁) + b₂."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)

    def forward(self, h: Tensor) -> Tensor:
        return self.down(self.up(h).relu())


class Block(nn.Module):
    """Post-norm block: h = LN(h + feed_forward(drop(h))); the site is its place."""

    def __init__(self, width: int, hidden: int, dropout: Dropout) -> None:
        super().__init__()
        self.dropout = dropout
        self.feed_forward = FeedForward(width, hidden)
        self.norm = nn.LayerNorm(width, eps=1e-5)

    def forward(self, h: Tensor, step: int, last: int) -> Tensor:
        return self.norm(h + self.feed_forward(self.dropout(h, step, last)))


class Mlp(nn.Module):
    """Tokens int64 [batch, T] to logits [batch, V].

    The embedded tokens lie side by side in a width of T·d, the first one at the start; for dropout
    they are the batch row's node at its last position.
    """

    def __init__(self, shape: Shape, masks: Masks = NO_DROPOUT) -> None:
        super().__init__()
        width = shape.length * shape.dim
        self.token_embedding = nn.Embedding(shape.vocabulary, shape.dim)
        self.position_embedding = nn.Embedding(shape.positions, shape.dim)
        self.blocks = nn.ModuleList(
            Block(width, shape.hidden, Dropout(masks, i)) for i in range(shape.layers)
        )
        self.readout = nn.Linear(width, shape.vocabulary)

    def forward(self, tokens: Tensor, step: int = 0) -> Tensor:
        h = self.token_embedding(tokens) + self.position_embedding.weight[: tokens.shape[1]]
        h = h.flatten(start_dim=1)
        for block in self.blocks:
            h = block(h, step, tokens.shape[1] - 1)
        return self.readout(h)
