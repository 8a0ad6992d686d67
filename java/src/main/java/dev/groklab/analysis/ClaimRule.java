package dev.groklab.analysis;

import java.util.ArrayList;
import java.util.List;

/**
 * A claim, and the rule by which it is judged, stated before anybody looks at the results.
 *
 * <p>The claim is that an {@link Effect} lies in a region. One bound makes it a claim about a
 * direction ("later by more than a factor 1"), two bounds one of equivalence ("of little matter: by
 * less than a factor 1.25 either way").
 *
 * <ul>
 *   <li><b>Supported</b>: the effect's confidence interval lies wholly inside the region, and the
 *       p-value for the claim, after Holm's correction for all claims judged together, is at most
 *       α.
 *   <li><b>Contradicted</b>: the interval lies wholly outside, and the p-value against the claim,
 *       corrected likewise, is at most α.
 *   <li><b>Undecided</b>: otherwise, also if there are fewer seeds than the rule asks for.
 * </ul>
 *
 * <p>A direction is judged by two-sided p-values (twice the one-sided ones) and an interval of
 * level 1 − α. An equivalence is judged by two one-sided tests, both of which must reject, and an
 * interval of level 1 − 2α; against it speaks twice the smaller of the two opposite ones.
 *
 * @param claim the claim in words
 * @param region what the effect must lie in; an end at infinity is no bound
 * @param alpha as 0.05
 * @param seeds least number of seeds in each group, at least 2
 * @see <a href="https://doi.org/10.1007/BF01068419">Schuirmann: A comparison of the two one-sided
 *     tests procedure and the power approach (J. Pharmacokin. Biopharm. 1987)</a>
 */
public record ClaimRule(String claim, Interval region, double alpha, int seeds) {

  private static final double USUAL_ALPHA = 0.05;
  private static final int USUAL_SEEDS = 5;
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  /** Checks the rule. */
  public ClaimRule {
    if (Double.isInfinite(region.low()) && Double.isInfinite(region.high())) {
      throw new IllegalArgumentException(
          "the region of the claim '" + claim + "' is " + region + "; it needs a bound");
    }
    if (region.isPoint()) {
      throw new IllegalArgumentException(
          "the region of the claim '"
              + claim
              + "' is the point "
              + region
              + ", in which no interval can lie; give it two bounds");
    }
    if (!(alpha > 0 && alpha < 0.5)) {
      throw new IllegalArgumentException(
          "alpha is " + alpha + "; a number between 0 and 0.5 is allowed, as 0.05");
    }
    if (seeds < 2) {
      throw new IllegalArgumentException(
          "the rule asks for " + seeds + " seeds; at least 2 are needed");
    }
  }

  /**
   * The effect is larger than a bound: a ratio of times than 1 ("later"), a shift than 0, a
   * probability of superiority than 0.5.
   *
   * @param claim the claim in words
   * @param bound the bound
   * @return the rule, with α 0.05 and 5 seeds
   */
  public static ClaimRule above(String claim, double bound) {
    return new ClaimRule(claim, new Interval(bound, INFINITY), USUAL_ALPHA, USUAL_SEEDS);
  }

  /**
   * The effect is smaller than a bound: "no more than a fifth of the runs generalize".
   *
   * @param claim the claim in words
   * @param bound the bound
   * @return the rule, with α 0.05 and 5 seeds
   */
  public static ClaimRule below(String claim, double bound) {
    return new ClaimRule(claim, new Interval(-INFINITY, bound), USUAL_ALPHA, USUAL_SEEDS);
  }

  /**
   * A ratio is near 1: "of little matter".
   *
   * @param claim the claim in words
   * @param factor more than a factor like this would matter; above 1
   * @return the rule, with α 0.05 and 5 seeds
   */
  public static ClaimRule littleMatter(String claim, double factor) {
    if (!(factor > 1)) {
      throw new IllegalArgumentException(
          "the factor that would matter is " + factor + "; a number above 1 is allowed");
    }
    return new ClaimRule(claim, new Interval(1 / factor, factor), USUAL_ALPHA, USUAL_SEEDS);
  }

  /**
   * The same rule for another number of seeds.
   *
   * @param least least number of seeds in each group
   * @return the rule
   */
  public ClaimRule withSeeds(int least) {
    return new ClaimRule(claim, region, alpha, least);
  }

  /**
   * The rule in words.
   *
   * @return one sentence
   */
  public String text() {
    String of =
        isEquivalence()
            ? "inside " + region
            : hasLow()
                ? "above " + Numbers.text(region.low())
                : "below " + Numbers.text(region.high());
    return ("%s: supported if the %s interval lies wholly %s, contradicted if wholly outside,"
            + " with p ≤ %s after Holm's correction and at least %d seeds a group; else undecided")
        .formatted(claim, percent(), of, Numbers.text(alpha), seeds);
  }

  private boolean hasLow() {
    return !Double.isInfinite(region.low());
  }

  private boolean isEquivalence() {
    return hasLow() && !Double.isInfinite(region.high());
  }

  /** The level of the interval. */
  private double level() {
    return isEquivalence() ? 1 - 2 * alpha : 1 - alpha;
  }

  private String percent() {
    return Numbers.text(100 * level()) + "%";
  }

  private double pFor(Effect effect) {
    if (isEquivalence()) {
      return Math.max(effect.pAbove(region.low()), effect.pBelow(region.high()));
    }
    return twice(hasLow() ? effect.pAbove(region.low()) : effect.pBelow(region.high()));
  }

  private double pAgainst(Effect effect) {
    if (isEquivalence()) {
      return twice(Math.min(effect.pBelow(region.low()), effect.pAbove(region.high())));
    }
    return twice(hasLow() ? effect.pBelow(region.low()) : effect.pAbove(region.high()));
  }

  /** The least that either p-value can be with so many seeds. */
  private double leastP(Effect effect) {
    if (isEquivalence()) {
      double least = Math.max(effect.leastPAbove(region.low()), effect.leastPBelow(region.high()));
      return Math.min(
          least,
          twice(Math.min(effect.leastPBelow(region.low()), effect.leastPAbove(region.high()))));
    }
    double bound = hasLow() ? region.low() : region.high();
    return twice(Math.min(effect.leastPAbove(bound), effect.leastPBelow(bound)));
  }

  private static double twice(double p) {
    return Math.min(1, 2 * p);
  }

  /**
   * A claim's rule and what was measured.
   *
   * @param rule the rule
   * @param effect the effect
   */
  public record Case(ClaimRule rule, Effect effect) {}

  /**
   * Judges a family of claims. The p-values for the claims are corrected together, and so are those
   * against them.
   *
   * @param cases all claims that are judged together
   * @return their verdicts, in the same order
   */
  public static List<Verdict> judge(List<Case> cases) {
    double[] pFor = cases.stream().mapToDouble(one -> one.rule.pFor(one.effect)).toArray();
    double[] pAgainst = cases.stream().mapToDouble(one -> one.rule.pAgainst(one.effect)).toArray();
    double[] adjustedFor = Holm.adjust(pFor);
    double[] adjustedAgainst = Holm.adjust(pAgainst);
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      Case one = cases.get(i);
      verdicts.add(one.rule.verdict(one.effect, adjustedFor[i], adjustedAgainst[i], cases.size()));
    }
    return verdicts;
  }

  /**
   * Judges one claim that stands alone.
   *
   * @param effect what was measured
   * @return the verdict
   */
  public Verdict judge(Effect effect) {
    return judge(List.of(new Case(this, effect))).getFirst();
  }

  private Verdict verdict(Effect effect, double pFor, double pAgainst, int claims) {
    Interval interval = effect.interval(level());
    boolean inside = interval.low() > region.low() && interval.high() < region.high();
    boolean outside = interval.high() < region.low() || interval.low() > region.high();
    String shown = "the " + percent() + " interval " + interval + " lies ";
    Verdict.Outcome outcome = Verdict.Outcome.UNDECIDED;
    String reason;
    if (effect.seeds() < seeds) {
      reason = "the rule asks for %d seeds, and there are %d".formatted(seeds, effect.seeds());
      if (leastP(effect) > alpha) {
        reason += "; " + tooFew(effect);
      }
    } else if (leastP(effect) > alpha) {
      reason = tooFew(effect);
    } else if (!inside && !outside) {
      reason = shown + "neither inside nor outside " + region;
    } else {
      double p = inside ? pFor : pAgainst;
      String test =
          "p = "
              + Numbers.text(p)
              + (claims > 1 ? " after Holm's correction for " + claims + " claims" : "");
      reason = shown + (inside ? "inside " : "outside ") + region + ", " + test;
      if (p <= alpha) {
        outcome = inside ? Verdict.Outcome.SUPPORTED : Verdict.Outcome.CONTRADICTED;
      } else {
        reason += ", which is more than " + Numbers.text(alpha);
      }
    }
    return new Verdict(this, outcome, effect.estimate(), interval, pFor, pAgainst, reason);
  }

  private String tooFew(Effect effect) {
    return "with %d p is at least %s whatever they show, and %s is asked for"
        .formatted(effect.seeds(), Numbers.text(leastP(effect)), Numbers.text(alpha));
  }
}
