package dev.groklab.run;

/**
 * Is told how an {@link EpochRunner} gets on, on the thread that trains. Replicas are numbered as
 * their runs were given.
 */
public interface EpochListener {

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
  default void progressed(RunListener.Progress progress) {}

  /**
   * A replica is done with, and its files are written.
   *
   * @param replica number of the replica
   * @param summary what became of it
   */
  default void finished(int replica, Summary summary) {}
}
