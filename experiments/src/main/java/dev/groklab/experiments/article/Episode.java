package dev.groklab.experiments.article;

import dev.groklab.data.FeatureTable;
import dev.groklab.data.RandomStream;
import dev.groklab.data.control.CartPole;
import dev.groklab.engine.Trainer;
import java.util.Arrays;
import java.util.Optional;

/**
 * An episode as a policy played it.
 *
 * @param observations [steps, 4] what it saw before each step
 * @param actions [steps] what it did
 */
@SuppressWarnings("ArrayRecordComponent") // of no use to anyone but the trainer
record Episode(float[] observations, int[] actions) {

  /**
   * Lets a replica's policy play: its actions are drawn from the softmax of its logits by the
   * {@link RandomStream} of (seed, {@code ACTION}, number).
   *
   * @param cart what it plays with
   * @param seed what initial state and actions depend on
   * @param number of the episode
   */
  static Episode play(Trainer trainer, int replica, CartPole cart, long seed, long number) {
    RandomStream stream = new RandomStream(seed, RandomStream.Purpose.ACTION, number);
    float[] observations = new float[CartPole.MAX_STEPS * CartPole.OBSERVATION_SIZE];
    int[] actions = new int[CartPole.MAX_STEPS];
    float[] observation = new float[CartPole.OBSERVATION_SIZE];
    double[] logits = new double[CartPole.ACTIONS];
    cart.reset(seed, number);
    while (!cart.isOver()) {
      int step = cart.steps();
      cart.observe(observation, 0);
      System.arraycopy(observation, 0, observations, step * observation.length, observation.length);
      trainer.predict(replica, observation, logits);
      actions[step] = stream.uniform() < left(logits) ? 0 : 1;
      cart.step(actions[step]);
    }
    return new Episode(
        Arrays.copyOf(observations, cart.steps() * CartPole.OBSERVATION_SIZE),
        Arrays.copyOf(actions, cart.steps()));
  }

  /** Probability of action 0 by the softmax; {@link StrictMath} gives the same on every machine. */
  private static double left(double[] logits) {
    return 1 / (1 + StrictMath.exp(logits[1] - logits[0]));
  }

  /** Sum of its rewards. */
  int steps() {
    return actions.length;
  }

  /** Discounted returns of its steps: {@code G_t = 1 + γ G_{t+1}}. */
  double[] returns(double gamma) {
    double[] returns = new double[steps()];
    double next = 0;
    for (int t = returns.length - 1; t >= 0; t--) {
      next = 1 + gamma * next;
      returns[t] = next;
    }
    return returns;
  }

  /**
   * The rows whose mean loss is REINFORCE's, {@code Σ_t −log π(a_t|s_t) G_t}: what was done is the
   * class to be predicted, with weight n · G_t of n rows (Williams, "Simple statistical
   * gradient-following algorithms for connectionist reinforcement learning", 1992).
   */
  FeatureTable rows(double gamma) {
    double[] weights = returns(gamma);
    for (int t = 0; t < weights.length; t++) {
      weights[t] *= steps();
    }
    return new FeatureTable(
        CartPole.ACTIONS,
        CartPole.OBSERVATION_SIZE,
        1,
        1,
        observations,
        actions,
        Optional.of(weights));
  }
}
