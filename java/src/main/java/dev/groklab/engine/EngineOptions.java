package dev.groklab.engine;

import java.util.Objects;

/**
 * What engine is wanted.
 *
 * @param backend where to compute
 * @param threads CPU threads, at most 1024; 0 takes every processor that this process may use
 */
public record EngineOptions(Backend backend, int threads) {

  /**
   * Refuses a negative number of threads.
   *
   * @throws IllegalArgumentException if {@code threads} is negative
   */
  public EngineOptions {
    Objects.requireNonNull(backend, "backend");
    Arguments.requireAtLeast("threads", threads, 0);
  }
}
