"""The convolutional network over images."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dropout import NO_DROPOUT, Dropout, Masks
from task import Shape

HEIGHT, WIDTH = 9, 10


def images(tokens: Tensor) -> Tensor:
    """A row's numbers as an image, int64 [batch, K, 9, 10]: channel c has (x_c + 1) n mod 13 at its
    n-th pixel, n from 1. No two windows of a channel that lie side by side are equal."""
    pixels = torch.arange(1, HEIGHT * WIDTH + 1).view(HEIGHT, WIDTH)
    return (tokens[:, 0::2, None, None] + 1) * pixels % 13


class Cnn(nn.Module):
    """Tokens int64 [batch, T] to logits [batch, p], by way of images of their numbers over 4.

    For dropout a batch row's node is its place in the batch.
    """

    def __init__(self, shape: Shape, masks: Masks = NO_DROPOUT) -> None:
        super().__init__()
        channels = [shape.summands] + [shape.dim << i for i in range(shape.layers)]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(into, out, kernel_size=3, padding=1)
            for into, out in zip(channels, channels[1:], strict=False)
        )
        flat = channels[-1] * (HEIGHT >> shape.layers) * (WIDTH >> shape.layers)
        self.hidden_layers = nn.ModuleList(
            [nn.Linear(flat, shape.hidden), nn.Linear(shape.hidden, shape.hidden // 2)]
        )
        self.pool = nn.MaxPool2d(2)
        self.dropout = Dropout(masks, 0)
        self.readout = nn.Linear(shape.hidden // 2, shape.p)

    def forward(self, tokens: Tensor, step: int = 0) -> Tensor:
        h = images(tokens).to(self.readout.weight.dtype) / 4
        for convolution in self.convolutions:
            h = self.pool(convolution(h).relu())
        first, second = self.hidden_layers
        h = self.dropout(first(h.flatten(start_dim=1)).relu(), step, position=0)
        return self.readout(second(h).relu())
