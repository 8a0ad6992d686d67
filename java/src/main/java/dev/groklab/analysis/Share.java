package dev.groklab.analysis;

import java.util.List;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * A share of runs, such as how many of the seeds grokked: Wilson's score interval, and exact
 * binomial p-values.
 *
 * @param successes runs that did
 * @param runs all runs, at least one
 * @see <a href="https://doi.org/10.1080/01621459.1927.10502953">Wilson: Probable inference, the law
 *     of succession, and statistical inference (JASA 1927)</a>
 */
public record Share(int successes, int runs) implements Effect {

  /** Checks the numbers. */
  public Share {
    if (runs < 1 || successes < 0 || successes > runs) {
      throw new IllegalArgumentException(
          successes + " of " + runs + " runs is no share; 0 to all of at least 1 run is allowed");
    }
  }

  /**
   * The share of runs that got there by a time.
   *
   * @param group runs, none of them censored before that time
   * @param time until when
   * @return the share
   */
  public static Share reachedBy(List<Observation> group, double time) {
    Numbers.requireRuns("the group", group);
    for (Observation run : group) {
      if (!run.event() && run.time() < time) {
        throw new IllegalArgumentException(
            "a run was censored at "
                + run.time()
                + ", so nobody knows whether it got there by "
                + time
                + "; shares need runs that went on until then");
      }
    }
    return new Share(
        (int) group.stream().filter(run -> run.event() && run.time() <= time).count(),
        group.size());
  }

  /**
   * The share as a number.
   *
   * @return from 0 to 1
   */
  public double value() {
    return (double) successes / runs;
  }

  @Override
  public Interval estimate() {
    return Interval.point(value());
  }

  @Override
  public Interval interval(double level) {
    double z2 = Math.pow(Numbers.z(level), 2);
    double centre = (successes + z2 / 2) / (runs + z2);
    double half =
        Math.sqrt(z2 * (value() * (1 - value()) / runs + z2 / (4.0 * runs * runs)))
            / (1 + z2 / runs);
    return new Interval(successes == 0 ? 0 : centre - half, successes == runs ? 1 : centre + half);
  }

  @Override
  public double pAbove(double bound) {
    return successes == 0 ? 1 : binomial(bound).survivalProbability(successes - 1);
  }

  @Override
  public double pBelow(double bound) {
    return binomial(bound).cumulativeProbability(successes);
  }

  @Override
  public double leastPAbove(double bound) {
    return Math.pow(bound, runs);
  }

  @Override
  public double leastPBelow(double bound) {
    return Math.pow(1 - bound, runs);
  }

  private BinomialDistribution binomial(double bound) {
    if (!(bound >= 0 && bound <= 1)) {
      throw new IllegalArgumentException(
          "a share is tested against " + bound + "; a number from 0 to 1 is allowed");
    }
    return BinomialDistribution.of(runs, bound);
  }

  @Override
  public int seeds() {
    return runs;
  }

  /** As people write it. */
  @Override
  public String toString() {
    return successes + " of " + runs;
  }
}
