"""Writes the golden cases: what PyTorch does in float64, for the engine to repeat.

    python native/tests/goldens/make.py [--check] [CASE ...]

Each case becomes a folder beside this script that `./groklab train --replay` reads; README.md
lists its files. `--check` writes nothing: it says whether the committed files are what this
script makes here (another processor gives other last digits), and how far the losses move under
rounding.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from cases import CASES, Case
from dropout import wrong_answers
from lstm import Lstm, by_pytorchs_layer
from model import MODELS, Record, addition_table, batch_loss, train, train_count
from seq2seq import Seq2Seq, by_pytorchs_transformer

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Inputs:
    """All that determines a run, as a case's files hold it."""

    state: dict[str, Tensor]  # float32
    train_rows: Tensor  # int32 [n]
    batches: Tensor  # int32 [steps, batch]


def draw(case: Case, seed: int) -> Inputs:
    """Draws initial weights, training rows and batches from `seed`."""
    torch.manual_seed(seed)
    model = MODELS[case.model](case.shape).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += case.jitter * torch.randn_like(parameter)
    state = {name: value.float() for name, value in model.state_dict().items()}

    rows = case.shape.p**case.shape.summands
    train_rows = torch.randperm(rows)[: train_count(rows, case.train_fraction)]
    if case.batch_size == "full":
        batches = train_rows.repeat(case.steps, 1)
    elif case.repeat_rows:
        batches = train_rows[torch.randint(len(train_rows), (case.steps, case.batch_size))]
    else:
        batches = epochs(train_rows, case.steps, int(case.batch_size))
    return Inputs(state, train_rows.int(), batches.int())


def epochs(train_rows: Tensor, steps: int, batch_size: int) -> Tensor:
    """Fresh permutations cut into batches; the file is rectangular, so short ones are left out."""
    whole = len(train_rows) // batch_size
    batches: list[Tensor] = []
    while len(batches) < steps:
        order = train_rows[torch.randperm(len(train_rows))]
        batches.extend(order[: whole * batch_size].view(whole, batch_size))
    return torch.stack(batches[:steps])


def start(case: Case, inputs: Inputs, dtype: torch.dtype = torch.float64) -> nn.Module:
    """The model at the float32 initial weights, computing in `dtype`."""
    model = MODELS[case.model](case.shape, masks=case.masks).to(dtype)
    model.load_state_dict({name: value.to(dtype) for name, value in inputs.state.items()})
    return model


def first_gradients(case: Case, inputs: Inputs) -> dict[str, Tensor]:
    """Gradients float64 of the first batch's loss at the initial weights, not clipped."""
    model = start(case, inputs)
    tokens, targets = addition_table(case.shape.p, case.shape.summands)
    batch_loss(model, tokens, targets, inputs.batches[0]).backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


def config(case: Case) -> str:
    """The run as `--config` reads it: the option names that it uses, one a line."""
    shape, training = case.shape, case.training
    heads = {"heads": shape.heads} if case.model in ("transformer", "seq2seq") else {}
    dropout = {"dropout": case.masks.rate, "dropout-seed": case.masks.seed}
    values = {
        "task": "add",
        "p": shape.p,
        "summands": shape.summands,
        "train-fraction": case.train_fraction,
        "model": case.model,
        "layers": shape.layers,
        "dim": shape.dim,
        **heads,
        "hidden": shape.hidden,
        **(dropout if case.masks.rate else {}),
        "optimizer": training.algorithm,
        "lr": training.lr,
        **training.settings(),
        "lr-decay-factor": training.lr_decay_factor,
        "lr-decay-every": training.lr_decay_every,
        "batch-size": case.batch_size,
        "steps": case.steps,
    }
    return "".join(f"{key}: {yaml_scalar(value)}\n" for key, value in values.items())


def yaml_scalar(value: float | str) -> str:
    """YAML 1.1 takes 1e-08 for a string: an exponent needs a decimal point before it."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, float) and "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return text


def write(case: Case, inputs: Inputs, folder: Path) -> list[float]:
    """Writes all files of a case and returns its losses."""
    record = train(start(case, inputs), case.shape, case.training, inputs.batches)
    require_sound(case, record)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(inputs.state, folder / "init.safetensors")
    np.save(folder / "train_rows.npy", inputs.train_rows.numpy())
    np.save(folder / "batches.npy", inputs.batches.numpy())
    (folder / "config.yaml").write_text(config(case))
    lines = [f"{step},{loss:.17g}\n" for step, loss in enumerate(record.losses, start=1)]
    (folder / "losses.csv").write_text("step,batch_loss\n" + "".join(lines))
    if case.gradients:
        save_file(first_gradients(case, inputs), folder / "gradients.safetensors")
    return record.losses


def require_sound(case: Case, record: Record) -> None:
    """Refuses a training that would be a poor golden."""
    if not all(map(math.isfinite, record.losses)):
        raise ArithmeticError("a loss is not finite")
    if record.least_variance < 0:
        raise ArithmeticError(f"centred RMSprop took the root of {record.least_variance}")
    clipped = sum(norm > case.training.clip_norm for norm in record.norms)
    if record.norms and not 0.2 < clipped / len(record.norms) < 0.8:
        raise ArithmeticError(f"{clipped} of {len(record.norms)} steps are clipped")


def largest_error(losses: list[float], reference: list[float]) -> float:
    """Largest relative difference; infinite where a loss is not finite."""
    if not all(map(math.isfinite, losses)):
        return math.inf
    return max(abs(a - b) / b for a, b in zip(losses, reference, strict=True))


def rounding(case: Case, inputs: Inputs, reference: list[float]) -> tuple[float, float]:
    """How far rounding alone moves the losses: in float64 from weights nudged by 1e-15, and in
    float32 over the first 50 steps."""
    nudged = start(case, inputs)
    with torch.no_grad():
        for parameter in nudged.parameters():
            parameter *= 1 + 1e-15 * torch.randn_like(parameter)
    fp64 = train(nudged, case.shape, case.training, inputs.batches).losses
    single = start(case, inputs, torch.float32)
    fp32 = train(single, case.shape, case.training, inputs.batches[:50]).losses
    return largest_error(fp64, reference), largest_error(fp32, reference[:50])


def difference(committed: Path, made: Path) -> float:
    """Between a case's files in two folders: 0 for the same bytes, infinite unless the inputs are;
    else the largest of losses (relative) and gradients (by the tensor's largest element)."""
    names = sorted(path.name for path in made.iterdir())
    if not committed.is_dir() or names != sorted(path.name for path in committed.iterdir()):
        return math.inf
    differing = {n for n in names if (committed / n).read_bytes() != (made / n).read_bytes()}
    if differing - {"losses.csv", "gradients.safetensors"}:
        return math.inf
    errors = [0.0]
    if "losses.csv" in differing:
        errors.append(largest_error(read_losses(made), read_losses(committed)))
    if "gradients.safetensors" in differing:
        expected = load_file(committed / "gradients.safetensors")
        for name, gradient in load_file(made / "gradients.safetensors").items():
            # The gradient of a key's bias is 0 but for rounding.
            scale = max(1e-12, expected[name].abs().max().item())
            errors.append((gradient - expected[name]).abs().max().item() / scale)
    return max(errors)


def read_losses(folder: Path) -> list[float]:
    lines = (folder / "losses.csv").read_text().splitlines()[1:]
    return [float(line.split(",")[1]) for line in lines]


PYTORCHS = {"lstm": "nn.LSTM", "seq2seq": "nn.Transformer"}
"""PyTorch's own modules for the models that have one."""


def error_by_pytorchs_module(case: Case, inputs: Inputs) -> float:
    """Largest difference of a model's logits, nothing dropped, over the table from those of
    PyTorch's module for it."""
    model = start(case, inputs).eval()
    tokens, _ = addition_table(case.shape.p, case.shape.summands)
    if isinstance(model, Seq2Seq):
        peer = by_pytorchs_transformer(model, tokens)
    else:
        assert isinstance(model, Lstm)
        peer = by_pytorchs_layer(model, tokens)
    return (model(tokens) - peer).abs().max().item()


def check(name: str, case: Case, inputs: Inputs) -> bool:
    """Makes a case anew, elsewhere, and compares it with the committed one."""
    with tempfile.TemporaryDirectory() as elsewhere:
        losses = write(case, inputs, Path(elsewhere))
        moved = difference(HERE / name, Path(elsewhere))
    same = moved < 1e-10
    if moved == 0:
        words = "same bytes"
    else:
        words = f"same inputs, results to {moved:.1e}" if same else "DIFFERS"
    fp64, fp32 = rounding(case, inputs, losses)
    # A golden that amplifies rounding up to what is allowed would prove nothing.
    steady = fp64 < 1e-10 and fp32 < 2e-4
    words += f"; rounding moves it by {fp64:.1e} in fp64, {fp32:.1e} in fp32"
    if not steady:
        words += ": TOO MUCH"
    if case.model in PYTORCHS:
        error = error_by_pytorchs_module(case, inputs)
        steady = steady and error < 1e-13
        words += f"; {PYTORCHS[case.model]} gives its logits to {error:.1e}"
    print(f"{name}: {words}", flush=True)
    return same and steady


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="all of them by default")
    arguments = parser.parse_args()
    unknown = set(arguments.cases) - CASES.keys()
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    if wrong_answers():
        raise ArithmeticError("philox does not give the published answers")
    good = True
    for seed, (name, case) in enumerate(CASES.items()):
        if arguments.cases and name not in arguments.cases:
            continue
        inputs = draw(case, seed)
        if arguments.check:
            good = check(name, case, inputs) and good
            continue
        losses = write(case, inputs, HERE / name)
        print(f"{name}: loss {losses[0]:.4f} to {losses[-1]:.4f}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
