package dev.groklab.analysis;

import dev.groklab.data.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Percentile bootstrap intervals, for statistics that have no interval of their own: runs are drawn
 * with replacement, each group from itself.
 *
 * <p>Mind the number of runs. With five a group such an interval is too narrow (of nominal 95%
 * intervals of a ratio of geometric means 85% hold the truth; 92% with 15, see {@code
 * BootstrapTest}). {@link RatioOfTimes}, {@link Shift} and {@link PairedShift} keep their level
 * with any number.
 *
 * @see <a href="https://doi.org/10.1201/9780429246593">Efron, Tibshirani: An introduction to the
 *     bootstrap (1993), chapter 13</a>
 */
public final class Bootstrap {

  private Bootstrap() {}

  /**
   * The interval of a statistic.
   *
   * @param <T> what a run is
   * @param groups groups of runs, none of them empty
   * @param statistic the statistic; NaN where it is not determined, which counts as lower than all
   *     values for the lower end of the interval and as higher for the upper end. It may be
   *     infinite.
   * @param level as 0.95
   * @param samples how many samples are drawn, at least 100; 10000 are usual
   * @param seed of the samples: the same seed gives the same interval
   * @return the interval
   */
  public static <T> Interval percentile(
      List<List<T>> groups,
      ToDoubleFunction<List<List<T>>> statistic,
      double level,
      int samples,
      long seed) {
    Numbers.requireLevel(level);
    if (samples < 100) {
      throw new IllegalArgumentException(
          "the bootstrap is to draw " + samples + " samples; at least 100 are needed");
    }
    for (List<T> group : groups) {
      if (group.isEmpty()) {
        throw new IllegalArgumentException("a group has no runs; at least 1 is needed");
      }
    }
    double[] low = new double[samples];
    double[] high = new double[samples];
    for (int i = 0; i < samples; i++) {
      RandomStream random = new RandomStream(seed, RandomStream.Purpose.BOOTSTRAP, i);
      double value = statistic.applyAsDouble(draw(groups, random));
      boolean known = !Double.isNaN(value);
      low[i] = known ? value : Double.NEGATIVE_INFINITY;
      high[i] = known ? value : Double.POSITIVE_INFINITY;
    }
    Arrays.sort(low);
    Arrays.sort(high);
    int out = (int) Math.floor(samples * (1 - level) / 2);
    return new Interval(low[out], high[samples - 1 - out]);
  }

  private static <T> List<List<T>> draw(List<List<T>> groups, RandomStream random) {
    List<List<T>> drawn = new ArrayList<>();
    for (List<T> group : groups) {
      List<T> sample = new ArrayList<>(group.size());
      for (int i = 0; i < group.size(); i++) {
        sample.add(group.get(random.below(group.size())));
      }
      drawn.add(sample);
    }
    return drawn;
  }

  /**
   * The interval of the ratio of the Kaplan–Meier medians of two groups. Censored runs stay
   * censored in the samples; a median that is not reached is infinite, so the upper end may be, and
   * a sample in which neither is reached says nothing for either end.
   *
   * @param reference runs whose median is the denominator
   * @param group runs whose median is the numerator
   * @param level as 0.95
   * @param samples how many samples are drawn
   * @param seed of the samples
   * @return the interval, within [0, ∞]
   */
  public static Interval ratioOfMedians(
      List<Observation> reference, List<Observation> group, double level, int samples, long seed) {
    Interval interval =
        percentile(
            List.of(reference, group),
            drawn ->
                KaplanMeier.of(drawn.getLast()).median()
                    / KaplanMeier.of(drawn.getFirst()).median(),
            level,
            samples,
            seed);
    return new Interval(Math.max(0, interval.low()), interval.high());
  }
}
