"""Writes the golden episodes of dev.groklab.data.control.CartPole, by Gymnasium's CartPole-v1.

    python java/src/test/goldens/cartpole.py

Needs gymnasium and numpy; the build and the tests need only the file it writes,
src/test/resources/dev/groklab/data/control/cartpole.json. Doubles are written so that reading them
gives the same bits.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import gymnasium
import numpy as np

OUT = Path(__file__).resolve().parents[1] / "resources/dev/groklab/data/control/cartpole.json"


def at_random(seed):
    rng = random.Random(seed)
    return lambda observation: rng.randrange(2)


def balance(observation):
    """Pushes to where the pole falls, and back to the middle: lasts all 500 steps."""
    x, x_dot, theta, theta_dot = (float(value) for value in observation)
    return int(theta + 0.4 * theta_dot + 0.03 * x + 0.1 * x_dot > 0)


def always(action):
    return lambda observation: action


# (initial state, policy)
EPISODES = [
    ([0.0, 0.0, 0.0, 0.0], at_random(1)),
    ([0.0123, -0.0456, 0.0311, 0.0499], at_random(2)),
    ([-0.05, 0.05, -0.05, 0.05], always(0)),
    ([0.03, 0.01, -0.04, -0.02], always(1)),
    ([2.2, 0.9, -0.01, -0.3], balance),  # leaves the track
    ([-2.35, -1.1, 0.05, 0.1], always(0)),
    ([0.4, -3.0, 0.2, 2.5], always(1)),
    ([0.0271, -0.0188, -0.0365, 0.0402], balance),
]


def play(initial, policy):
    env = gymnasium.make("CartPole-v1")
    env.reset(seed=0)
    env.unwrapped.state = np.array(initial, dtype=np.float64)
    observation = env.unwrapped.state.astype(np.float32)
    states, actions = [[float(v) for v in initial]], []
    terminated = truncated = False
    while not (terminated or truncated):
        action = policy(observation)
        observation, reward, terminated, truncated, _ = env.step(action)
        state = np.asarray(env.unwrapped.state, dtype=np.float64)
        assert reward == 1.0 and observation.dtype == np.float32
        assert np.array_equal(observation, state.astype(np.float32))
        states.append([float(v) for v in state])
        actions.append(action)
    return {
        "states": states,
        "actions": "".join(map(str, actions)),
        "terminated": terminated,
        "truncated": truncated,
    }


def main():
    episodes = [play(initial, policy) for initial, policy in EPISODES]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(episode) for episode in episodes)
    OUT.write_text(
        f'{{"gymnasium": "{gymnasium.__version__}", "episodes": [\n{lines}\n]}}\n',
        encoding="utf-8",
    )
    for episode in episodes:
        print(len(episode["actions"]), episode["terminated"], episode["truncated"])


if __name__ == "__main__":
    main()
