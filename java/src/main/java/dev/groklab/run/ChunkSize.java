package dev.groklab.run;

/**
 * How many steps to hand to the engine at once: enough that the call costs nothing, few enough that
 * a stop takes effect within about half a second and the batch rows stay small. Results do not
 * depend on it.
 */
final class ChunkSize {

  private static final double SECONDS = 0.5;
  private static final long ROW_BYTES = 64L << 20;
  private static final int MAX_STEPS = 4096;

  private final int limit;
  private int steps = 1;

  /**
   * Starts with single steps, whose duration is not known yet.
   *
   * @param replicas R
   * @param batchCapacity rows of the largest batch
   */
  ChunkSize(int replicas, int batchCapacity) {
    long bytesPerStep = (long) replicas * batchCapacity * Integer.BYTES;
    limit = Math.clamp(ROW_BYTES / bytesPerStep, 1, MAX_STEPS);
  }

  /** The most steps of any chunk. */
  int limit() {
    return limit;
  }

  /** Steps of the next chunk. */
  int steps() {
    return steps;
  }

  /** Learns from a chunk; grows by doubling at most, because short chunks measure badly. */
  void measured(int made, double seconds) {
    double fitting = SECONDS * made / Math.max(seconds, 1e-9);
    steps = (int) Math.clamp(Math.min(fitting, 2.0 * steps), 1, limit);
  }
}
