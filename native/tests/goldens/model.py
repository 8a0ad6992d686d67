"""The models, their task and their optimizers in PyTorch: the reference that the engine is held to.

Written from the definitions alone (for the Transformer the replication report, appendix A) and kept
plain on purpose: a dense batch, explicit attention and LSTM cells, autograd. Every parameter's name
is the engine's.
"""

from __future__ import annotations

from cnn import Cnn
from dropout import NO_DROPOUT, Masks
from dense import Dense
from lstm import Lstm
from mlp import Mlp
from seq2seq import Seq2Seq
from task import Shape, addition_table, train_count
from training import Record, Training, batch_loss, train
from transformer import Transformer, explicit_attention, fused_attention

MODELS = {
    "transformer": Transformer,
    "mlp": Mlp,
    "lstm": Lstm,
    "dense": Dense,
    "cnn": Cnn,
    "seq2seq": Seq2Seq,
}
"""The models by name; `--model` takes those over tokens."""

__all__ = [
    "MODELS",
    "NO_DROPOUT",
    "Cnn",
    "Dense",
    "Lstm",
    "Masks",
    "Mlp",
    "Record",
    "Seq2Seq",
    "Shape",
    "Training",
    "Transformer",
    "addition_table",
    "batch_loss",
    "explicit_attention",
    "fused_attention",
    "train",
    "train_count",
]
