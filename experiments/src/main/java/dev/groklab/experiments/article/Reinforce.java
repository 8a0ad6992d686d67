package dev.groklab.experiments.article;

import dev.groklab.data.control.CartPole;
import dev.groklab.engine.Chunk;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Trainer;
import dev.groklab.experiments.Display;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * REINFORCE (Williams 1992): a policy plays an episode, and each of its actions becomes likelier in
 * the measure of the discounted return that followed it. Every agent is a replica of the trainer,
 * and has 500 rows of the data set, which its episodes replace.
 */
final class Reinforce {

  private static final int MOST_NAMED = 4; // agents that are told one by one
  private static final int TIMED_CALLS = 200;
  private static final int TIMED_BLOCKS = 199;

  private final Trainer trainer;
  private final Dataset dataset;
  private final List<Agent> agents;
  private final double gamma;
  private final double learningRate;
  private final long start = System.nanoTime();

  Reinforce(
      Trainer trainer, Dataset dataset, List<Agent> agents, double gamma, double learningRate) {
    this.trainer = trainer;
    this.dataset = dataset;
    this.agents = agents;
    this.gamma = gamma;
    this.learningRate = learningRate;
  }

  /** Plays and learns, and writes the agents' files. */
  void train(int episodes, BooleanSupplier stop, Progress progress) throws IOException {
    int made = 0;
    int[] rows = IntStream.range(0, dataset.rows()).toArray();
    try (Chunk chunk = trainer.chunk(1, CartPole.MAX_STEPS)) {
      while (made < episodes && !stop.getAsBoolean() && agents.stream().anyMatch(Agent::isSound)) {
        episode(chunk, rows);
        made++;
        progress.show(made, episodes, words(made, episodes));
      }
    }
    double microseconds = evaluationMicroseconds();
    for (int r = 0; r < agents.size(); r++) {
      Agent agent = agents.get(r);
      agent.finish(trainer, r, made == episodes, microseconds, seconds());
      progress.say((agents.size() == 1 ? "" : "seed " + agent.seed() + ": ") + agent.describe());
    }
    progress.say(
        String.format(Locale.ROOT, "the policy's answer to one state takes %.2f µs", microseconds));
  }

  /** One episode and one step of every agent. */
  private void episode(Chunk chunk, int[] rows) throws IOException {
    Episode[] played = new Episode[agents.size()];
    chunk.clear();
    for (int r = 0; r < played.length; r++) {
      chunk.setActive(r, agents.get(r).isSound());
      if (agents.get(r).isSound()) {
        played[r] = agents.get(r).play(trainer, r);
        int first = r * CartPole.MAX_STEPS;
        dataset.write(first, played[r].rows(gamma));
        chunk.batch(r, 0, rows, first, played[r].steps(), learningRate);
      }
    }
    trainer.run(chunk);
    for (int r = 0; r < played.length; r++) {
      if (played[r] != null) {
        agents.get(r).record(played[r], chunk.loss(r, 0), seconds());
      }
    }
  }

  /**
   * Time of one answer to one state, call and all: the median of blocks of calls that are too short
   * for other processes to come between most of them.
   */
  private double evaluationMicroseconds() {
    float[] observation = {0.01f, -0.02f, 0.03f, -0.04f};
    double[] logits = new double[CartPole.ACTIONS];
    double[] blocks = new double[TIMED_BLOCKS];
    for (int block = 0; block < blocks.length; block++) {
      long before = System.nanoTime();
      for (int call = 0; call < TIMED_CALLS; call++) {
        trainer.predict(0, observation, logits);
      }
      blocks[block] = 1e-3 * (System.nanoTime() - before) / TIMED_CALLS;
    }
    Arrays.sort(blocks);
    return blocks[TIMED_BLOCKS / 2];
  }

  private String words(int made, int episodes) {
    double rate = made / seconds();
    return String.format(
        Locale.ROOT,
        "episode %d/%d  average return %s  %.1f episodes/s  %s left",
        made,
        episodes,
        averages(),
        rate,
        Display.time((episodes - made) / rate));
  }

  private String averages() {
    if (agents.size() > MOST_NAMED) {
      double best = agents.stream().mapToDouble(Agent::average).max().orElseThrow();
      return String.format(Locale.ROOT, "%.1f, the best of %d", best, agents.size());
    }
    return agents.stream()
        .map(agent -> String.format(Locale.ROOT, "%.1f", agent.average()))
        .collect(Collectors.joining(", "));
  }

  private double seconds() {
    return 1e-9 * (System.nanoTime() - start);
  }
}
