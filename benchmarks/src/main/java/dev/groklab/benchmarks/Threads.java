package dev.groklab.benchmarks;

import dev.groklab.engine.Backend;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;

/** The parameter {@code threads} of the benchmarks. */
final class Threads {
  /** As many as the machine has processors. */
  static final String ALL = "all";

  private Threads() {}

  /** Opens the CPU's engine. */
  static Engine open(String threads) {
    return Engine.open(new EngineOptions(Backend.CPU, count(threads)));
  }

  private static int count(String threads) {
    if (threads.equals(ALL)) {
      return 0;
    }
    if (threads.matches("[1-9][0-9]{0,8}")) {
      return Integer.parseInt(threads);
    }
    throw new IllegalArgumentException(
        "the number of threads is '" + threads + "'; allowed are 1 and above, and " + ALL);
  }
}
