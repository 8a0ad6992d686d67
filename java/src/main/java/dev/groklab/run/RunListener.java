package dev.groklab.run;

/**
 * Is told how training goes, on the thread that trains. Replicas are numbered as the runs were
 * given to {@link Runner#open}.
 */
public interface RunListener {

  /**
   * Something that the user should know but that stops nothing.
   *
   * @param message one line
   */
  default void notice(String message) {}

  /**
   * A replica begins to train.
   *
   * @param replica number of the replica
   * @param config what it trains
   * @param step steps that it had made before
   */
  default void started(int replica, RunConfig config, long step) {}

  /**
   * A replica was evaluated.
   *
   * @param replica number of the replica
   * @param row what was found
   */
  default void evaluated(int replica, MetricsRow row) {}

  /**
   * Some steps were made.
   *
   * @param progress where training stands
   */
  default void progressed(Progress progress) {}

  /**
   * A replica is done with, and its files are written.
   *
   * @param replica number of the replica
   * @param summary what became of it
   */
  default void finished(int replica, Summary summary) {}

  /**
   * Where training stands.
   *
   * @param step steps made by the replica that is furthest behind of those still training
   * @param steps the most steps that any replica shall make
   * @param training replicas still training
   * @param stepsPerSecond steps of each of them per second, in this session
   */
  record Progress(long step, long steps, int training, double stepsPerSecond) {

    /**
     * Time left if all replicas make all their steps.
     *
     * @return seconds
     */
    public double secondsLeft() {
      return stepsPerSecond > 0 ? (steps - step) / stepsPerSecond : Double.POSITIVE_INFINITY;
    }
  }
}
