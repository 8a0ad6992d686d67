package dev.groklab.run;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.Split;
import java.util.Map;

/**
 * One of the networks that an {@link EpochRunner} trains: what it is fed with, and where its files
 * go.
 *
 * @param folder where its files go; no run may be there yet
 * @param settings what determines the run, for {@code config.yaml}
 * @param split rows of the data set that train, and that are only evaluated
 * @param order batches of the training rows
 * @param learningRate rate of every step
 */
public record EpochRun(
    RunFolder folder, Map<String, ?> settings, Split split, BatchOrder order, double learningRate) {

  /** Steps that take every training row once. */
  int stepsPerEpoch() {
    return Math.ceilDiv(split.train().length, order.capacity());
  }
}
