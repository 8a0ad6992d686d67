package dev.groklab.run;

import java.util.OptionalLong;

/**
 * The steps at which a run's parameters are kept: none, every so many from step 0 on, or step 0 and
 * those on a logarithmic grid with {@value #PER_DECADE} steps to a power of ten, rounded.
 *
 * @param kind which of these
 * @param every steps between two snapshots, at least 1; 0 for the other kinds
 */
public record SnapshotGrid(Kind kind, long every) {

  /** Kinds of grids. */
  public enum Kind {
    /** No snapshots. */
    NONE,
    /** Every so many steps. */
    STEPS,
    /** As evenly spaced on a logarithmic axis as whole steps can be. */
    LOG
  }

  private static final int PER_DECADE = 20;

  /** Refuses fewer than one step. */
  public SnapshotGrid {
    if (kind == Kind.STEPS && every < 1) {
      throw new ConfigException(
          ConfigKey.SNAPSHOT_EVERY.key(), every + " is not allowed: must be at least 1");
    }
  }

  /** Reads {@code none}, {@code log} or a number of steps. */
  static SnapshotGrid parse(String text) {
    if (text.equals("none")) {
      return new SnapshotGrid(Kind.NONE, 0);
    }
    if (text.equals("log")) {
      return new SnapshotGrid(Kind.LOG, 0);
    }
    try {
      return new SnapshotGrid(Kind.STEPS, Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new ConfigException(
          ConfigKey.SNAPSHOT_EVERY.key(),
          "'" + text + "' is not allowed: a whole number, 'log' or 'none' is needed");
    }
  }

  /** The inverse of {@link #parse}: a word, or the number of steps. */
  Object value() {
    return kind == Kind.STEPS ? (Object) every : RunConfig.word(kind);
  }

  /**
   * Whether a snapshot is taken at a step.
   *
   * @param step steps made, at least 0
   * @return true if so
   */
  public boolean isDue(long step) {
    return kind != Kind.NONE && (step == 0 || after(step - 1).orElse(-1) == step);
  }

  /**
   * The next snapshot.
   *
   * @param step steps made, at least 0
   * @return the first step after these at which one is taken, empty if there is none
   */
  public OptionalLong after(long step) {
    return switch (kind) {
      case NONE -> OptionalLong.empty();
      case STEPS -> {
        long periods = step / every + 1;
        yield periods > Long.MAX_VALUE / every
            ? OptionalLong.empty()
            : OptionalLong.of(periods * every);
      }
      case LOG -> OptionalLong.of(afterOnLogGrid(step));
    };
  }

  private static long afterOnLogGrid(long step) {
    int i = step == 0 ? 0 : (int) (PER_DECADE * Math.log10((double) step));
    long next = 0;
    while (next <= step) {
      next = Math.round(Math.pow(10, (double) i++ / PER_DECADE));
    }
    return next;
  }

  /** How many snapshots a run of so many steps takes. */
  long count(long steps) {
    long count = kind == Kind.NONE ? 0 : 1;
    if (kind == Kind.STEPS) {
      return count + steps / every;
    }
    for (OptionalLong at = after(0); at.isPresent() && at.getAsLong() <= steps; ) {
      count++;
      at = after(at.getAsLong());
    }
    return count;
  }
}
