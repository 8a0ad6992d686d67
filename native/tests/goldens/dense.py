"""The network over real numbers: linear layers with ReLU between them."""

from __future__ import annotations

from torch import Tensor, nn

from dropout import NO_DROPOUT, Dropout, Masks
from task import Shape


class Dense(nn.Module):
    """Tokens int64 [batch, T] to logits [batch, p]: of the tokens it takes the numbers, as numbers.

    For dropout a batch row's node is its place in the batch.
    """

    def __init__(self, shape: Shape, masks: Masks = NO_DROPOUT) -> None:
        super().__init__()
        widths = [shape.summands] + shape.layers * [shape.hidden]
        self.layers = nn.ModuleList(
            nn.Linear(into, out) for into, out in zip(widths, widths[1:], strict=False)
        )
        self.dropouts = [Dropout(masks, site) for site in range(shape.layers)]
        self.readout = nn.Linear(shape.hidden, shape.p)

    def train(self, mode: bool = True) -> Dense:
        for dropout in self.dropouts:
            dropout.train(mode)
        return super().train(mode)

    def forward(self, tokens: Tensor, step: int = 0) -> Tensor:
        h = tokens[:, 0::2].to(self.readout.weight.dtype)
        for layer, dropout in zip(self.layers, self.dropouts, strict=True):
            h = dropout(layer(h).relu(), step, position=0)
        return self.readout(h)
