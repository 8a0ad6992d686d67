package dev.groklab.engine;

/** Losses, accuracies and weight norms of replicas, as {@link Trainer#evaluate} found them. */
public final class Evaluation {

  private final int replicas;
  private final int splits;
  private final double[] losses;
  private final double[] accuracies;
  private final double[] weightNorms;

  /** Losses and accuracies are [replicas, splits], weight norms [replicas]. */
  Evaluation(int replicas, int splits, double[] losses, double[] accuracies, double[] weightNorms) {
    this.replicas = replicas;
    this.splits = splits;
    this.losses = losses;
    this.accuracies = accuracies;
    this.weightNorms = weightNorms;
  }

  /**
   * Mean cross-entropy over a split.
   *
   * @param replica number of the replica
   * @param split number of the split
   * @return the loss in nats; NaN for replicas that were left out
   * @throws IllegalArgumentException if there is no such replica or split
   */
  public double loss(int replica, int split) {
    return losses[index(replica, split)];
  }

  /**
   * Share of a split's rows whose largest logit is the target's.
   *
   * @param replica number of the replica
   * @param split number of the split
   * @return 0 … 1; NaN for replicas that were left out
   * @throws IllegalArgumentException if there is no such replica or split
   */
  public double accuracy(int replica, int split) {
    return accuracies[index(replica, split)];
  }

  /**
   * Euclidean norm of all parameters.
   *
   * @param replica number of the replica
   * @return the norm; NaN for replicas that were left out
   * @throws IllegalArgumentException if there is no such replica
   */
  public double weightNorm(int replica) {
    Arguments.requireIndex("replica", replica, replicas);
    return weightNorms[replica];
  }

  private int index(int replica, int split) {
    Arguments.requireIndex("replica", replica, replicas);
    Arguments.requireIndex("split", split, splits);
    return replica * splits + split;
  }
}
