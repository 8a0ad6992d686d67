package dev.groklab.analysis;

import static dev.groklab.analysis.Goldens.EXACT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link ClaimRule}, {@link Verdict} and {@link Holm}. */
class ClaimRuleTest {

  private static final ClaimRule LATER = ClaimRule.above("B is later", 1);
  private static final List<Observation> EARLY = runs(100, 120, 130, 150, 170);
  private static final List<Observation> LATE = runs(210, 250, 320, 410, 900);

  private static List<Observation> runs(double... times) {
    return Arrays.stream(times).mapToObj(Observation::reached).toList();
  }

  @Test
  void directionIsSupportedOrContradicted() {
    Verdict yes = LATER.judge(RatioOfTimes.of(EARLY, LATE));
    Verdict no = LATER.judge(RatioOfTimes.of(LATE, EARLY));

    assertThat(yes.outcome()).isEqualTo(Verdict.Outcome.SUPPORTED);
    assertThat(yes.pFor()).isCloseTo(2 / 252.0, EXACT);
    assertThat(yes.pAgainst()).isEqualTo(1);
    assertThat(yes.reason())
        .isEqualTo("the 95% interval [1.471, 6.923] lies inside [1, ∞], p = 0.007937");
    assertThat(no.outcome()).isEqualTo(Verdict.Outcome.CONTRADICTED);
    assertThat(no.pAgainst()).isCloseTo(2 / 252.0, EXACT);
    assertThat(no.reason())
        .isEqualTo("the 95% interval [0.1444, 0.68] lies outside [1, ∞], p = 0.007937");
  }

  @Test
  void directionIsUndecidedIfTheIntervalHoldsBothSides() {
    Verdict verdict = LATER.judge(RatioOfTimes.of(EARLY, EARLY));

    assertThat(verdict.outcome()).isEqualTo(Verdict.Outcome.UNDECIDED);
    assertThat(verdict.estimate().low()).isEqualTo(1);
    assertThat(verdict.reason()).contains("lies neither inside nor outside [1, ∞]");
  }

  /** Whatever one, two or three seeds show, it decides nothing; the reason says why. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 0.3333", "3, 0.1"})
  void fewSeedsDecideNothing(int seeds, String least) {
    Verdict verdict = LATER.judge(RatioOfTimes.of(EARLY.subList(0, seeds), LATE.subList(0, seeds)));

    assertThat(verdict.outcome()).isEqualTo(Verdict.Outcome.UNDECIDED);
    assertThat(verdict.reason())
        .isEqualTo(
            ("the rule asks for 5 seeds, and there are %d;"
                    + " with %d p is at least %s whatever they show, and 0.05 is asked for")
                .formatted(seeds, seeds, least));
    if (seeds > 1) {
      assertThat(
              LATER
                  .withSeeds(2)
                  .judge(RatioOfTimes.of(EARLY.subList(0, seeds), LATE.subList(0, seeds)))
                  .reason())
          .isEqualTo(
              "with %d p is at least %s whatever they show, and 0.05 is asked for"
                  .formatted(seeds, least));
    }
  }

  @Test
  void equivalenceNeedsTheIntervalInside() {
    ClaimRule rule = ClaimRule.littleMatter("batch size is of little matter", 1.25);
    List<Observation> near = runs(100, 101, 102, 103, 104);

    Verdict yes = rule.judge(RatioOfTimes.of(near, runs(100.5, 101.5, 102.5, 103.5, 104.5)));
    assertThat(yes.outcome()).isEqualTo(Verdict.Outcome.SUPPORTED);
    assertThat(yes.pFor()).isCloseTo(1 / 252.0, EXACT); // two one-sided tests, the larger
    assertThat(yes.reason()).startsWith("the 90% interval [").contains("inside [0.8, 1.25]");

    Verdict no = rule.judge(RatioOfTimes.of(EARLY, LATE));
    assertThat(no.outcome()).isEqualTo(Verdict.Outcome.CONTRADICTED);

    Verdict open = rule.judge(RatioOfTimes.of(EARLY, EARLY));
    assertThat(open.outcome()).isEqualTo(Verdict.Outcome.UNDECIDED);
  }

  /** "No generalization without regularization": how many runs must fail before it is said? */
  @ParameterizedTest
  @CsvSource({
    "0, 5, UNDECIDED", // 0.8⁵ is 0.33
    "0, 16, UNDECIDED", // 2 · 0.8¹⁶ is 0.056
    "0, 20, SUPPORTED",
    "3, 20, UNDECIDED",
    "12, 20, CONTRADICTED",
    "5, 5, CONTRADICTED",
  })
  void shares(int successes, int runs, Verdict.Outcome outcome) {
    ClaimRule rule = ClaimRule.below("no generalization without regularization", 0.2);

    assertThat(rule.judge(new Share(successes, runs)).outcome()).isEqualTo(outcome);
  }

  @Test
  void claimsJudgedTogetherAreHeldToMore() {
    RatioOfTimes clear = RatioOfTimes.of(EARLY, LATE);
    List<ClaimRule.Case> seven =
        List.of(
            new ClaimRule.Case(LATER, clear),
            new ClaimRule.Case(LATER, clear),
            new ClaimRule.Case(LATER, clear),
            new ClaimRule.Case(LATER, clear),
            new ClaimRule.Case(LATER, clear),
            new ClaimRule.Case(LATER, clear),
            new ClaimRule.Case(LATER, clear));

    assertThat(ClaimRule.judge(seven.subList(0, 6)))
        .allMatch(verdict -> verdict.outcome() == Verdict.Outcome.SUPPORTED);
    assertThat(ClaimRule.judge(seven))
        .allMatch(verdict -> verdict.outcome() == Verdict.Outcome.UNDECIDED)
        .last()
        .extracting(Verdict::reason)
        .asString()
        .endsWith("p = 0.05556 after Holm's correction for 7 claims, which is more than 0.05");
  }

  /** What contradicts a claim supports the opposite one. */
  @Property(tries = 200)
  void oppositeClaimsHaveOppositeVerdicts(
      @ForAll @Size(min = 5, max = 7) List<@IntRange(min = 1, max = 40) Integer> first,
      @ForAll @Size(min = 5, max = 7) List<@IntRange(min = 20, max = 90) Integer> second,
      @ForAll @DoubleRange(min = 0.5, max = 3) double bound) {
    RatioOfTimes effect =
        RatioOfTimes.of(
            runs(first.stream().mapToDouble(Integer::doubleValue).toArray()),
            runs(second.stream().mapToDouble(Integer::doubleValue).toArray()));
    Verdict above = ClaimRule.above("above", bound).judge(effect);
    Verdict below = ClaimRule.below("below", bound).judge(effect);

    assertThat(above.pFor()).isEqualTo(below.pAgainst());
    assertThat(above.outcome() == Verdict.Outcome.SUPPORTED)
        .isEqualTo(below.outcome() == Verdict.Outcome.CONTRADICTED);
    assertThat(above.outcome() == Verdict.Outcome.UNDECIDED)
        .isEqualTo(below.outcome() == Verdict.Outcome.UNDECIDED);
  }

  /** No difference, five against five: hardly ever does a rule say there is one. */
  @Test
  void falseVerdictsAreRare() {
    Simulation simulation = new Simulation(5);
    int decided = 0;
    for (int i = 0; i < 1000; i++) {
      RatioOfTimes effect =
          RatioOfTimes.of(simulation.exponential(5, 1, 2), simulation.exponential(5, 1, 2));
      decided += LATER.judge(effect).outcome() == Verdict.Outcome.UNDECIDED ? 0 : 1;
    }
    assertThat(decided).isBetween(1, 55);
  }

  @Test
  void saysItsRule() {
    assertThat(LATER.text())
        .isEqualTo(
            "B is later: supported if the 95% interval lies wholly above 1, contradicted if wholly"
                + " outside, with p ≤ 0.05 after Holm's correction and at least 5 seeds a group;"
                + " else undecided");
    assertThat(ClaimRule.littleMatter("of little matter", 2).text())
        .contains("the 90% interval lies wholly inside [0.5, 2]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-Infinity|Infinity|0.05|5|the region of the claim 'it' is [-∞, ∞]; it needs a bound",
        "1|1|0.05|5|the region of the claim 'it' is the point 1, in which no interval can lie;"
            + " give it two bounds",
        "1|2|0.5|5|alpha is 0.5; a number between 0 and 0.5 is allowed, as 0.05",
        "1|2|0|5|alpha is 0.0; a number between 0 and 0.5 is allowed, as 0.05",
        "1|2|0.05|1|the rule asks for 1 seeds; at least 2 are needed",
      })
  void refusesOtherRules(double low, double high, double alpha, int seeds, String message) {
    assertThatThrownBy(() -> new ClaimRule("it", new Interval(low, high), alpha, seeds))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesAFactorThatIsNone() {
    assertThatThrownBy(() -> ClaimRule.littleMatter("it", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the factor that would matter is 1.0; a number above 1 is allowed");
  }

  /** Holm (1979) by hand: 4 · 0.005, 3 · 0.01, then 2 · 0.03, then no less than that. */
  @Test
  void correctsByHand() {
    assertThat(Holm.adjust(0.01, 0.04, 0.03, 0.005))
        .containsExactly(new double[] {0.03, 0.06, 0.06, 0.02}, within(1e-12));
    assertThat(Holm.adjust()).isEmpty();
    assertThat(Holm.adjust(0.7, 0.8)).containsExactly(1, 1);
    assertThatThrownBy(() -> Holm.adjust(0.5, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a p-value is NaN; a number from 0 to 1 is allowed");
  }

  @Property(tries = 200)
  void correctsBetweenNothingAndBonferroni(
      @ForAll @Size(min = 1, max = 8) List<@DoubleRange(min = 0, max = 1) Double> values) {
    double[] p = values.stream().mapToDouble(Double::doubleValue).toArray();
    double[] adjusted = Holm.adjust(p);

    for (int i = 0; i < p.length; i++) {
      assertThat(adjusted[i]).isBetween(p[i], Math.min(1, p.length * p[i]));
      for (int j = 0; j < p.length; j++) {
        assertThat(p[i] < p[j] && adjusted[i] > adjusted[j]).isFalse();
      }
    }
  }
}
