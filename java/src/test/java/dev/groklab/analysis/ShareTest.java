package dev.groklab.analysis;

import static dev.groklab.analysis.Goldens.EXACT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link Share} and {@link ShareDifference}. */
class ShareTest {

  static List<JsonNode> share() {
    return Goldens.cases("share");
  }

  static List<JsonNode> fisher() {
    return Goldens.cases("fisher");
  }

  /** Newcombe, Stat. Med. 17 (1998) 857, table I, method 3. */
  @ParameterizedTest
  @CsvSource({
    "81, 263, 0.2553, 0.3662",
    "15, 148, 0.0624, 0.1605",
    "0, 20, 0.0000, 0.1611",
    "1, 29, 0.0061, 0.1718",
  })
  void isWilsonsInterval(int successes, int runs, double low, double high) {
    Interval interval = new Share(successes, runs).interval(0.95);

    assertThat(interval.low()).isCloseTo(low, within(5e-5));
    assertThat(interval.high()).isCloseTo(high, within(5e-5));
  }

  /** Newcombe, Stat. Med. 17 (1998) 873, table II, method 10. */
  @ParameterizedTest
  @CsvSource({
    "56, 70, 48, 80, 0.0524, 0.3339",
    "9, 10, 3, 10, 0.1705, 0.8090",
    "10, 10, 0, 20, 0.6791, 1.0000",
    "0, 10, 0, 20, -0.1611, 0.2775",
  })
  void isNewcombesIntervalOfADifference(
      int successes, int runs, int others, int otherRuns, double low, double high) {
    Interval interval =
        new ShareDifference(new Share(others, otherRuns), new Share(successes, runs))
            .interval(0.95);

    assertThat(interval.low()).isCloseTo(low, within(5.1e-5));
    assertThat(interval.high()).isCloseTo(high, within(5.1e-5));
  }

  @ParameterizedTest
  @MethodSource("share")
  void isTheReference(JsonNode golden) {
    Share share = new Share(golden.get("successes").asInt(), golden.get("runs").asInt());
    double bound = golden.get("bound").asDouble();

    assertThat(share.pAbove(bound)).isCloseTo(golden.get("p_above").asDouble(), EXACT);
    assertThat(share.pBelow(bound)).isCloseTo(golden.get("p_below").asDouble(), EXACT);
    assertThat(share.pAbove(bound)).isGreaterThanOrEqualTo(share.leastPAbove(bound) - 1e-12);
    assertThat(share.interval(0.95))
        .matches(interval -> Goldens.same(interval, golden.get("interval")));
  }

  @ParameterizedTest
  @MethodSource("fisher")
  void isFishersTest(JsonNode golden) {
    ShareDifference difference =
        new ShareDifference(share(golden.get("reference")), share(golden.get("group")));

    assertThat(difference.p(0)).isCloseTo(golden.get("p").get(0).asDouble(), EXACT);
    assertThat(difference.pAbove(0)).isCloseTo(golden.get("p").get(1).asDouble(), EXACT);
    assertThat(difference.pBelow(0)).isCloseTo(golden.get("p").get(2).asDouble(), EXACT);
  }

  private static Share share(JsonNode pair) {
    return new Share(pair.get(0).asInt(), pair.get(1).asInt());
  }

  /** A lady tastes tea (Fisher, The design of experiments, 1935): 3 of 4 right. */
  @Test
  void ladyTastesTea() {
    ShareDifference tea = new ShareDifference(new Share(1, 4), new Share(3, 4));

    assertThat(tea.pAbove(0)).isCloseTo(17 / 70.0, EXACT);
    assertThat(tea.leastPAbove(0)).isCloseTo(1 / 70.0, EXACT);
    assertThat(tea.estimate()).isEqualTo(Interval.point(0.5));
  }

  @Test
  void countsRunsThatGotThereInTime() {
    assertThat(Share.reachedBy(Goldens.group("slow"), 1800)).isEqualTo(new Share(2, 5));
    assertThat(Share.reachedBy(Goldens.group("slow"), 5000)).hasToString("3 of 5");
    assertThatThrownBy(() -> Share.reachedBy(Goldens.group("slow"), 5001))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a run was censored at 5000.0, so nobody knows whether it got there by 5001.0;"
                + " shares need runs that went on until then");
  }

  @ParameterizedTest
  @CsvSource({"-1, 5", "6, 5", "0, 0"})
  void refusesWhatIsNoShare(int successes, int runs) {
    assertThatThrownBy(() -> new Share(successes, runs))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            successes + " of " + runs + " runs is no share; 0 to all of at least 1 run is allowed");
  }

  @Test
  void refusesOtherBounds() {
    Share share = new Share(2, 5);

    assertThatThrownBy(() -> share.pBelow(1.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a share is tested against 1.5; a number from 0 to 1 is allowed");
    assertThatThrownBy(() -> new ShareDifference(share, share).p(0.1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a difference of shares is tested against 0, not against 0.1");
  }
}
