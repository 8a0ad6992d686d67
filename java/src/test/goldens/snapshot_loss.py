"""Prints the mean loss over the whole table of a snapshot, computed anew with NumPy.

    python snapshot_loss.py RUN STEP

RUN is the folder of a Transformer that adds two numbers. SnapshotTest compares.
"""

import math
import sys

import numpy as np
from safetensors.numpy import load_file


def linear(t, name, x):
    return x @ t[name + ".weight"].T + t[name + ".bias"]


def norm(t, name, x):
    centred = x - x.mean(-1, keepdims=True)
    scale = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return centred / scale * t[name + ".weight"] + t[name + ".bias"]


def gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def attention(t, name, h, heads):
    n, length, d = h.shape
    q, k, v = np.split(linear(t, name + ".in_proj", h), 3, axis=-1)
    q, k, v = (m.reshape(n, length, heads, d // heads).transpose(0, 2, 1, 3) for m in (q, k, v))
    scores = q @ k.transpose(0, 1, 3, 2) / math.sqrt(d // heads)
    scores = np.where(np.tril(np.ones((length, length), bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    mixed = (weights @ v).transpose(0, 2, 1, 3).reshape(n, length, d)
    return linear(t, name + ".out_proj", mixed)


def logits(t, tokens, layers, heads):
    h = t["token_embedding.weight"][tokens] + t["position_embedding.weight"][: tokens.shape[1]]
    for i in range(layers):
        block = f"blocks.{i}."
        h = norm(t, block + "attention_norm", h + attention(t, block + "attention", h, heads))
        hidden = gelu(linear(t, block + "feed_forward.up", h))
        h = norm(t, block + "feed_forward_norm", h + linear(t, block + "feed_forward.down", hidden))
    return linear(t, "readout", norm(t, "final_norm", h[:, -1]))


def main(run, step):
    with open(f"{run}/config.yaml", encoding="utf-8") as file:
        config = dict(line.strip().split(": ", 1) for line in file if ": " in line)
    p = int(config["p"])
    tensors = load_file(f"{run}/snapshots/step-{step}.safetensors")
    tensors = {name: values.astype(np.float64) for name, values in tensors.items()}
    x, y = (m.ravel() for m in np.meshgrid(np.arange(p), np.arange(p), indexing="ij"))
    tokens = np.stack([x, np.full_like(x, p), y, np.full_like(x, p + 1)], axis=1)
    z = logits(tensors, tokens, int(config["layers"]), int(config["heads"]))
    top = z.max(1)
    log_sum = top + np.log(np.exp(z - top[:, None]).sum(1))
    print(np.mean(log_sum - z[np.arange(len(z)), (x + y) % p]))


main(*sys.argv[1:])
