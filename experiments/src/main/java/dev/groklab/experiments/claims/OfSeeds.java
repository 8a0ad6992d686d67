package dev.groklab.experiments.claims;

import dev.groklab.analysis.Effect;
import dev.groklab.analysis.Interval;

/**
 * An effect for which fewer seeds speak than runs: a trend over seven fractions has seven runs with
 * one seed.
 *
 * @param effect the effect
 * @param seeds how many seeds there are
 */
record OfSeeds(Effect effect, int seeds) implements Effect {

  @Override
  public Interval estimate() {
    return effect.estimate();
  }

  @Override
  public Interval interval(double level) {
    return effect.interval(level);
  }

  @Override
  public double pAbove(double bound) {
    return effect.pAbove(bound);
  }

  @Override
  public double pBelow(double bound) {
    return effect.pBelow(bound);
  }

  @Override
  public double leastPAbove(double bound) {
    return effect.leastPAbove(bound);
  }

  @Override
  public double leastPBelow(double bound) {
    return effect.leastPBelow(bound);
  }
}
