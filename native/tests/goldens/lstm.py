"""The LSTM, its cell written out, and the same by PyTorch's own layer to compare it with."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from dropout import NO_DROPOUT, Dropout, Masks
from task import Shape


class Layer(nn.Module):
    """A sequence [batch, T, in] to the states [batch, T, h]; the rows of the weights are the input,
    forget, cell and output gates'."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.input = nn.Linear(width, 4 * hidden)
        self.hidden = nn.Linear(hidden, 4 * hidden)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(hidden), 1 / math.sqrt(hidden))

    def forward(self, sequence: Tensor) -> Tensor:
        state = sequence.new_zeros(len(sequence), self.hidden.in_features)
        cell = torch.zeros_like(state)
        states = []
        for element in sequence.unbind(dim=1):
            gates = self.input(element) + self.hidden(state)
            enter, keep, candidate, leave = gates.chunk(4, dim=1)
            cell = keep.sigmoid() * cell + enter.sigmoid() * candidate.tanh()
            state = leave.sigmoid() * cell.tanh()
            states.append(state)
        return torch.stack(states, dim=1)


class Lstm(nn.Module):
    """Tokens int64 [batch, T] to logits [batch, V], read from the last layer's last state.

    Dropout of site l is between layers l and l + 1; a layer's own recurrence is not dropped.
    """

    def __init__(self, shape: Shape, masks: Masks = NO_DROPOUT) -> None:
        super().__init__()
        widths = [shape.dim] + [shape.hidden] * (shape.layers - 1)
        self.token_embedding = nn.Embedding(shape.vocabulary, shape.dim)
        self.position_embedding = nn.Embedding(shape.positions, shape.dim)
        self.lstm = nn.ModuleList(Layer(width, shape.hidden) for width in widths)
        self.dropouts = nn.ModuleList(Dropout(masks, i) for i in range(shape.layers - 1))
        self.readout = nn.Linear(shape.hidden, shape.vocabulary)

    def embed(self, tokens: Tensor) -> Tensor:
        return self.token_embedding(tokens) + self.position_embedding.weight[: tokens.shape[1]]

    def forward(self, tokens: Tensor, step: int = 0) -> Tensor:
        h = self.lstm[0](self.embed(tokens))
        for dropout, layer in zip(self.dropouts, self.lstm[1:], strict=True):
            h = layer(dropout(h, step))
        return self.readout(h[:, -1])


def by_pytorchs_layer(model: Lstm, tokens: Tensor) -> Tensor:
    """The logits as `nn.LSTM` computes them with the model's weights."""
    width, hidden = model.lstm[0].input.in_features, model.lstm[0].hidden.in_features
    peer = nn.LSTM(width, hidden, num_layers=len(model.lstm), batch_first=True)
    peer.to(model.readout.weight.dtype)
    state = {}
    for i, layer in enumerate(model.lstm):
        state[f"weight_ih_l{i}"], state[f"bias_ih_l{i}"] = layer.input.weight, layer.input.bias
        state[f"weight_hh_l{i}"], state[f"bias_hh_l{i}"] = layer.hidden.weight, layer.hidden.bias
    peer.load_state_dict(state)
    states, _ = peer(model.embed(tokens))
    return model.readout(states[:, -1])
