package dev.groklab.analysis;

import dev.groklab.data.RandomStream;
import java.util.List;
import java.util.stream.IntStream;

/** Runs with a known law, from a fixed seed: exponential times with a budget. */
final class Simulation {

  private final RandomStream random;

  Simulation(long seed) {
    random = new RandomStream(seed, RandomStream.Purpose.NOISE, 0);
  }

  double uniform() {
    return (random.below(Integer.MAX_VALUE) + 0.5) / Integer.MAX_VALUE;
  }

  List<Observation> exponential(int runs, double mean, double budget) {
    return IntStream.range(0, runs)
        .mapToObj(i -> Observation.reached(-mean * Math.log(uniform())).cutAt(budget))
        .toList();
  }
}
