package dev.groklab.analysis;

import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.FisherExactTest;

/**
 * By how much the share of runs that grok differs between two groups: Newcombe's hybrid score
 * interval (method 10), which is made of the two Wilson intervals, and Fisher's exact test.
 *
 * @param reference share that is subtracted
 * @param group share that it is subtracted from
 * @see <a href="https://pubmed.ncbi.nlm.nih.gov/9595617/">Newcombe: Interval estimation for the
 *     difference between independent proportions (Stat. Med. 1998)</a>
 */
public record ShareDifference(Share reference, Share group) implements Effect {

  @Override
  public Interval estimate() {
    return Interval.point(group.value() - reference.value());
  }

  @Override
  public Interval interval(double level) {
    double difference = group.value() - reference.value();
    Interval of = reference.interval(level);
    Interval at = group.interval(level);
    return new Interval(
        difference - Math.hypot(group.value() - at.low(), of.high() - reference.value()),
        difference + Math.hypot(at.high() - group.value(), reference.value() - of.low()));
  }

  /** Only against 0: Fisher's one-sided test. */
  @Override
  public double pAbove(double bound) {
    return fisher(bound, AlternativeHypothesis.GREATER_THAN);
  }

  /** Only against 0: Fisher's one-sided test. */
  @Override
  public double pBelow(double bound) {
    return fisher(bound, AlternativeHypothesis.LESS_THAN);
  }

  /** Only against 0: Fisher's two-sided test, which adds up all tables that are no likelier. */
  @Override
  public double p(double bound) {
    return fisher(bound, AlternativeHypothesis.TWO_SIDED);
  }

  private double fisher(double bound, AlternativeHypothesis alternative) {
    requireNeutral(bound);
    return FisherExactTest.withDefaults()
        .with(alternative)
        .test(
            new int[][] {
              {group.successes(), group.runs() - group.successes()},
              {reference.successes(), reference.runs() - reference.successes()}
            })
        .getPValue();
  }

  @Override
  public double leastPAbove(double bound) {
    requireNeutral(bound);
    return SubsetSums.leastTail(reference.runs(), group.runs());
  }

  @Override
  public double leastPBelow(double bound) {
    return leastPAbove(bound);
  }

  private static void requireNeutral(double bound) {
    if (bound != 0) {
      throw new IllegalArgumentException(
          "a difference of shares is tested against 0, not against " + bound);
    }
  }

  @Override
  public int seeds() {
    return Math.min(reference.runs(), group.runs());
  }
}
