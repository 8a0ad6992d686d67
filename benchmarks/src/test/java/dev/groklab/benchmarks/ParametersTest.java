package dev.groklab.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.groklab.engine.Engine;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users may write after {@code -p}. */
final class ParametersTest {
  @Test
  void shapesAreReadByTheirForm() {
    assertThat(Extents.of("NxI->O", "706x128->384")).containsExactly(706, 128, 384);
    assertThat(Extents.of("P", "422883")).containsExactly(422883);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "706x128", "706x0->3", "706x-1->3", "706x128->9999999999", "1x2->3 "})
  void otherShapesAreRefused(String shape) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Extents.of("NxI->O", shape))
        .withMessage(
            "the shape is '" + shape + "'; allowed is NxI->O with numbers for the letters");
  }

  @Test
  void threadsAreANumberOrAll() {
    try (Engine one = Threads.open("1");
        Engine all = Threads.open("all")) {
      assertThat(one.info().threads()).isEqualTo(1);
      assertThat(all.info().threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "two", "1.5"})
  void otherThreadsAreRefused(String threads) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Threads.open(threads))
        .withMessage(
            "the number of threads is '" + threads + "'; allowed are 1 and above, and all");
  }

  @Test
  void aPrefixTreeHasThePathsOfItsBatch() {
    PrefixTree tree = new PrefixTree(706);
    assertThat(IntStream.range(0, 706).map(tree::depth).filter(depth -> depth == 3).count())
        .isEqualTo(256);
    assertThat(tree.path(0)).containsExactly(0, -1, -1, -1);
    assertThat(tree.path(97 + 5)).containsExactly(5, 97 + 5, -1, -1);
    assertThat(tree.path(705)).containsExactly(255 % 97, 97 + 255 % 97, 449, 705);
  }

  @Test
  void aPrefixTreeHasANodeOfEachDepth() {
    assertThat(new PrefixTree(8).path(7)).doesNotContain(-1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrefixTree(7))
        .withMessage("a prefix tree of 7 nodes; at least 8 are allowed");
  }
}
