package dev.groklab.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** {@link Arrangements} and {@link SubsetSums}. */
class ArrangementsTest {

  @Property(tries = 100)
  void countsEveryDistinctArrangementOnce(
      @ForAll @Size(min = 1, max = 7) List<@IntRange(min = 0, max = 3) Integer> drawn) {
    int[] labels = drawn.stream().mapToInt(Integer::intValue).toArray();
    Set<String> seen = new HashSet<>();
    long[] calls = {0};
    Arrangements.Tails tails =
        Arrangements.tails(
            labels,
            arrangement -> {
              seen.add(Arrays.toString(arrangement));
              calls[0]++;
              return 0;
            },
            0);

    long count = Arrangements.count(labels);
    assertThat(seen).hasSize((int) count);
    assertThat(calls[0]).isEqualTo(count + 1); // and the observed one before
    assertThat(tails.atLeast()).isEqualTo(new PValue(1, true, count));
    assertThat(tails.atMost()).isEqualTo(new PValue(1, true, count));
  }

  @Test
  void countsWhatCannotBeListed() {
    int[] labels = new int[25];
    Arrays.setAll(labels, i -> i / 5);
    assertThat(Arrangements.count(labels)).isEqualTo(623360743125120L);
    int[] many = new int[300];
    Arrays.setAll(many, i -> i);
    assertThat(Arrangements.count(many)).isEqualTo(Long.MAX_VALUE);
  }

  /** Both ways to a p-value: all arrangements, and a sample (13 against 13 are 10.4 million). */
  @Test
  void sampleAgreesWithCounting() {
    int[] scores = new int[26];
    int[] labels = new int[26];
    Arrays.setAll(scores, i -> i);
    Arrays.setAll(labels, i -> i % 3 == 0 || i > 21 ? 1 : 0);
    int size = Arrays.stream(labels).sum();
    Arrangements.Tails tails =
        Arrangements.tails(
            labels,
            arrangement -> {
              double sum = 0;
              for (int i = 0; i < arrangement.length; i++) {
                sum += arrangement[i] * scores[i];
              }
              return sum;
            },
            1);
    long sum = 0;
    for (int i = 0; i < labels.length; i++) {
      sum += (long) labels[i] * scores[i];
    }
    assertThat(Arrangements.count(labels)).isGreaterThan(Arrangements.MOST_COUNTED);
    assertThat(tails.atLeast().exact()).isFalse();
    SubsetSums exact = SubsetSums.ofSize(scores, size);
    assertThat(tails.atLeast().value()).isCloseTo(exact.atLeast(sum), within(0.006));
    assertThat(tails.atMost().value()).isCloseTo(exact.atMost(sum), within(0.006));
  }

  @Property(tries = 200)
  void sumsAreThoseOfAllSubsets(
      @ForAll @Size(min = 1, max = 9) List<@IntRange(min = -4, max = 6) Integer> drawn,
      @ForAll @IntRange(min = 0, max = 9) int wanted,
      @ForAll @IntRange(min = -10, max = 20) int bound) {
    int[] scores = drawn.stream().mapToInt(Integer::intValue).toArray();
    int size = Math.min(wanted, scores.length);
    int all = 0;
    int below = 0;
    int above = 0;
    for (int subset = 0; subset < 1 << scores.length; subset++) {
      if (Integer.bitCount(subset) == size) {
        int sum = 0;
        for (int i = 0; i < scores.length; i++) {
          sum += (subset >> i & 1) * scores[i];
        }
        all++;
        below += sum <= bound ? 1 : 0;
        above += sum >= bound ? 1 : 0;
      }
    }
    SubsetSums sums = SubsetSums.ofSize(scores, size);
    assertThat(sums.atMost(bound)).isCloseTo((double) below / all, within(1e-12));
    assertThat(sums.atLeast(bound)).isCloseTo((double) above / all, within(1e-12));
  }
}
