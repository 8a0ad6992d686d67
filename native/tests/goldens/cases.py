"""The golden cases by name; make.py draws and writes them.

A case's place in the list is its seed: new ones go to the end.
"""

from __future__ import annotations

from dataclasses import dataclass

from model import NO_DROPOUT, Masks, Shape, Training

STEPS = 150


@dataclass(frozen=True)
class Case:
    """One training run and how its inputs are drawn."""

    shape: Shape
    training: Training
    batch_size: int | str  # a number, or "full": all training rows at every step
    train_fraction: str = "0.5"  # decimal text, see train_count
    repeat_rows: bool = False  # draw batches with replacement
    jitter: float = 0.0  # added noise: biases and norms leave 0 and 1, a deep LSTM learns sooner
    gradients: bool = False  # write the first batch's gradients too
    steps: int = STEPS
    model: str = "transformer"  # or mlp, lstm, dense, cnn, seq2seq
    masks: Masks = NO_DROPOUT


CASES = {
    "report_setting": Case(Shape(p=13, dim=24, hidden=96), Training(), batch_size=32),
    "three_summands": Case(
        Shape(p=5, summands=3, dim=16, heads=2, hidden=64),
        Training(lr=1e-3),
        batch_size=25,
        train_fraction="0.6",
        gradients=True,
    ),
    "four_summands": Case(
        Shape(p=3, summands=4, dim=12, heads=2, hidden=20),
        Training(lr=2e-3),
        batch_size=20,
        gradients=True,
    ),
    "one_layer_one_head": Case(
        Shape(p=11, layers=1, dim=16, heads=1, hidden=64),
        Training(lr=1e-3),
        batch_size=24,
        gradients=True,
    ),
    "three_layers_eight_heads": Case(
        Shape(p=11, layers=3, dim=24, heads=8, hidden=40),
        Training(lr=1e-3),
        batch_size=24,
    ),
    "odd_widths": Case(
        Shape(p=7, dim=15, heads=3, hidden=22),
        Training(lr=1e-3),
        batch_size=13,
        train_fraction="0.7",
        gradients=True,
    ),
    "composite_modulus": Case(
        Shape(p=10, dim=20, heads=5, hidden=33),
        Training(lr=1e-3, weight_decay=0.1),
        batch_size=7,
        train_fraction="0.29",
    ),
    "other_betas_no_decay": Case(
        Shape(p=11, dim=16, heads=4, hidden=32),
        Training(lr=2e-3, beta1=0.8, beta2=0.95, eps=1e-4, weight_decay=0.0),
        batch_size=24,
    ),
    "rate_halved": Case(
        Shape(p=11, dim=16, heads=4, hidden=32),
        Training(lr=4e-3, lr_decay_factor=0.5, lr_decay_every=20),
        batch_size=24,
    ),
    "full_batch": Case(
        Shape(p=7, dim=16, heads=2, hidden=32),
        Training(lr=1e-3),
        batch_size="full",
        gradients=True,
    ),
    "modulus_two": Case(
        Shape(p=2, dim=4, heads=4, hidden=5),
        Training(lr=1e-3),
        batch_size=2,
        gradients=True,
    ),
    "repeated_rows": Case(
        Shape(p=5, dim=16, heads=4, hidden=32),
        Training(lr=1e-3),
        batch_size=12,
        repeat_rows=True,
        gradients=True,
    ),
    "jittered_start": Case(
        Shape(p=7, summands=3, dim=12, heads=3, hidden=28),
        Training(lr=1e-3),
        batch_size=48,
        train_fraction="0.3",
        jitter=0.3,
        gradients=True,
    ),
    "mlp_report_setting": Case(
        Shape(p=13, dim=16, hidden=64),
        Training(),
        batch_size=20,
        model="mlp",
    ),
    "mlp_three_summands": Case(
        Shape(p=5, summands=3, dim=4, hidden=16),
        Training(lr=1e-2),
        batch_size=15,
        train_fraction="0.6",
        gradients=True,
        model="mlp",
    ),
    "mlp_four_summands": Case(
        Shape(p=3, summands=4, dim=3, hidden=18),
        Training(lr=4e-3),
        batch_size=13,
        gradients=True,
        model="mlp",
    ),
    "mlp_one_layer_odd_widths": Case(
        Shape(p=7, layers=1, dim=7, hidden=19),
        Training(lr=4e-3, weight_decay=0.3),
        batch_size=13,
        train_fraction="0.7",
        gradients=True,
        model="mlp",
    ),
    "mlp_repeated_rows": Case(
        Shape(p=5, layers=3, dim=6, hidden=16),
        Training(lr=2e-3),
        batch_size=12,
        repeat_rows=True,
        model="mlp",
    ),
    "mlp_jittered_start": Case(
        Shape(p=7, dim=5, hidden=18),
        Training(lr=2e-3, weight_decay=0.1),
        batch_size=17,
        jitter=0.3,
        gradients=True,
        model="mlp",
    ),
    "lstm_two_summands": Case(
        Shape(p=11, dim=12, hidden=16),
        Training(lr=1e-2),
        batch_size=20,
        model="lstm",
    ),
    "lstm_three_summands": Case(
        Shape(p=3, summands=3, dim=8, hidden=10),
        Training(lr=1e-2, weight_decay=0.1),
        batch_size=9,
        train_fraction="0.7",
        jitter=0.3,
        gradients=True,
        model="lstm",
    ),
    "lstm_four_summands": Case(
        Shape(p=3, summands=4, dim=7, hidden=9),
        Training(lr=1e-2, weight_decay=0.1),
        batch_size=12,
        train_fraction="0.3",
        jitter=0.5,
        gradients=True,
        model="lstm",
    ),
    "lstm_one_layer": Case(
        Shape(p=7, layers=1, dim=8, hidden=16),
        Training(lr=4e-3),
        batch_size=12,
        gradients=True,
        model="lstm",
    ),
    "lstm_three_layers_odd_widths": Case(
        Shape(p=5, layers=3, dim=7, hidden=9),
        Training(lr=1e-2, weight_decay=0.1),
        batch_size=11,
        train_fraction="0.7",
        jitter=0.5,
        gradients=True,
        model="lstm",
    ),
    "lstm_repeated_rows": Case(
        Shape(p=5, dim=10, hidden=12),
        Training(lr=4e-3),
        batch_size=12,
        repeat_rows=True,
        model="lstm",
    ),
    "lstm_jittered_start": Case(
        Shape(p=5, summands=3, dim=6, hidden=9),
        Training(lr=8e-3),
        batch_size=18,
        train_fraction="0.3",
        jitter=0.3,
        gradients=True,
        model="lstm",
    ),
    "lstm_full_batch": Case(
        Shape(p=5, dim=8, hidden=12),
        Training(lr=4e-3),
        batch_size="full",
        model="lstm",
    ),
    "sgd_plain": Case(
        Shape(p=7, dim=6, hidden=16),
        Training(algorithm="sgd", lr=0.1, weight_decay=0.0),
        batch_size=12,
        model="mlp",
    ),
    "sgd_momentum": Case(
        Shape(p=5, dim=8, heads=2, hidden=16),
        Training(
            algorithm="sgd",
            lr=0.02,
            momentum=0.9,
            weight_decay=1e-2,
            lr_decay_factor=0.5,
            lr_decay_every=40,
        ),
        batch_size=12,
    ),
    "sgd_nesterov": Case(
        Shape(p=7, layers=1, dim=6, hidden=20),
        Training(algorithm="sgd", lr=0.03, momentum=0.8, nesterov=True, weight_decay=3e-3),
        batch_size=12,
        model="mlp",
    ),
    "adam_l2": Case(
        Shape(p=7, dim=8, hidden=12),
        Training(algorithm="adam", lr=2e-2, eps=1e-4, weight_decay=1e-3),
        batch_size=12,
        model="lstm",
    ),
    "rmsprop_plain": Case(
        Shape(p=7, dim=8, heads=4, hidden=16),
        Training(algorithm="rmsprop", lr=1e-3, weight_decay=0.0),
        batch_size=12,
    ),
    "rmsprop_centered": Case(
        Shape(p=7, layers=1, dim=8, hidden=16),
        Training(algorithm="rmsprop", lr=2e-3, centered=True, weight_decay=0.0),
        batch_size=12,
        gradients=True,
        model="lstm",
    ),
    "rmsprop_centered_momentum": Case(
        Shape(p=5, layers=1, dim=8, heads=2, hidden=24),
        Training(
            algorithm="rmsprop",
            lr=3e-4,
            alpha=0.95,
            eps=1e-4,
            momentum=0.8,
            centered=True,
            weight_decay=1e-2,
            lr_decay_factor=0.5,
            lr_decay_every=60,
        ),
        batch_size=12,
        gradients=True,
    ),
    "clipped_adamw": Case(
        Shape(p=7, dim=8, hidden=12),
        Training(lr=1e-2, clip_norm=0.6),
        batch_size=12,
        model="lstm",
    ),
    "clipped_sgd_momentum": Case(
        Shape(p=5, dim=5, hidden=16),
        Training(algorithm="sgd", lr=0.03, momentum=0.9, weight_decay=1e-3, clip_norm=1.0),
        batch_size=8,
        gradients=True,
        model="mlp",
    ),
    "transformer_dropout": Case(
        Shape(p=5, dim=10, heads=2, hidden=14),
        Training(lr=2e-3),
        batch_size=12,
        repeat_rows=True,
        gradients=True,
        masks=Masks(rate=0.1, seed=0x5A17_C0DE_0123_4567),
    ),
    "mlp_dropout": Case(
        Shape(p=3, summands=3, layers=3, dim=3, hidden=12),
        Training(lr=4e-3, weight_decay=0.1),
        batch_size=11,
        gradients=True,
        model="mlp",
        masks=Masks(rate=0.3, seed=17),
    ),
    "lstm_dropout": Case(
        Shape(p=5, layers=3, dim=6, hidden=7),
        Training(lr=1e-2, weight_decay=0.1),
        batch_size=11,
        jitter=0.5,
        gradients=True,
        model="lstm",
        masks=Masks(rate=0.5, seed=4_000_000_007),
    ),
    "dense_two_layers": Case(
        Shape(p=11, hidden=24),
        Training(lr=2e-3, weight_decay=0.1),
        batch_size=16,
        gradients=True,
        model="dense",
    ),
    "dense_three_summands": Case(
        Shape(p=4, summands=3, layers=3, hidden=13),
        Training(lr=1e-2, algorithm="sgd", momentum=0.9, weight_decay=1e-3),
        batch_size=9,
        repeat_rows=True,
        gradients=True,
        model="dense",
    ),
    "dense_dropout": Case(
        Shape(p=7, layers=2, hidden=18),
        Training(lr=4e-3, weight_decay=1e-2, clip_norm=1.0),
        batch_size=12,
        gradients=True,
        model="dense",
        masks=Masks(rate=0.25, seed=99),
    ),
    "cnn_two_convolutions": Case(
        Shape(p=7, dim=4, hidden=16),
        Training(lr=4e-3, weight_decay=0.1),
        batch_size=12,
        gradients=True,
        steps=50,
        model="cnn",
    ),
    "cnn_one_convolution": Case(
        Shape(p=3, summands=3, layers=1, dim=5, hidden=10),
        Training(lr=1e-2, algorithm="sgd", momentum=0.9, weight_decay=1e-3),
        batch_size=9,
        repeat_rows=True,
        gradients=True,
        steps=50,
        model="cnn",
    ),
    "cnn_dropout": Case(
        Shape(p=5, layers=3, dim=3, hidden=15),
        Training(lr=4e-3, weight_decay=1e-2),
        batch_size=11,
        gradients=True,
        steps=50,
        model="cnn",
        masks=Masks(rate=0.5, seed=23),
    ),
    "seq2seq_two_layers": Case(
        Shape(p=5, dim=8, heads=2, hidden=12),
        Training(lr=2e-3, weight_decay=0.1),
        batch_size=12,
        jitter=0.2,
        gradients=True,
        model="seq2seq",
    ),
    "seq2seq_clipped": Case(
        Shape(p=4, summands=3, layers=1, dim=9, heads=3, hidden=7),
        Training(lr=4e-3, weight_decay=1e-2, clip_norm=0.9),
        batch_size=11,
        repeat_rows=True,
        gradients=True,
        model="seq2seq",
    ),
    "seq2seq_dropout": Case(
        Shape(p=5, layers=2, dim=6, heads=1, hidden=11),
        Training(lr=2e-3, weight_decay=0.1),
        batch_size=10,
        gradients=True,
        model="seq2seq",
        masks=Masks(rate=0.2, seed=0x1234_5678_9ABC_DEF0),
    ),
}
