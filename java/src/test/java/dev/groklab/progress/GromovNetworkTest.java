package dev.groklab.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GromovNetworkTest {

  /** The more units, the better the unwanted products cancel. */
  @ParameterizedTest
  @CsvSource({"48, 0.86, 0.90", "96, 0.993, 0.999", "192, 0.9999, 1", "240, 1, 1"})
  void accuracyGrowsWithTheUnits(int units, double least, double most) {
    double mean =
        IntStream.range(0, 10)
            .mapToDouble(seed -> GromovNetwork.of(97, units, new SplittableRandom(seed)).accuracy())
            .average()
            .orElseThrow();
    assertThat(mean).isBetween(least, most);
  }
}
