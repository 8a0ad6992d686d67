package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class NoisyTableTest {

  private static final Task TASK = new ModularAddition(7, 2);
  private static final TokenTable TABLE = TASK.table();

  @Test
  void appendsTheRowsWhoseLabelsChange() {
    TokenTable table = new ModularAddition(3, 2).table(); // targets 0 1 2 1 2 0 2 0 1
    LabelNoise first = new LabelNoise(new int[] {1, 4, 8}, new int[] {0, 2, 0}); // 4 keeps its own
    LabelNoise second = new LabelNoise(new int[] {8}, new int[] {2});

    NoisyTable noisy = NoisyTable.of(table, List.of(first, second));

    assertThat(noisy.table().rows()).isEqualTo(12);
    assertThat(noisy.table().targets()).containsExactly(0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 0, 2);
    assertThat(noisy.table().tokens())
        .startsWith(table.tokens())
        .endsWith(0, 3, 1, 4, 2, 3, 2, 4, 2, 3, 2, 4);
    assertThat(noisy.rows(0, new int[] {8, 4, 0, 1})).containsExactly(10, 4, 0, 9);
    assertThat(noisy.rows(1, new int[] {8, 4, 0, 1})).containsExactly(11, 4, 0, 1);
    assertThat(noisy.batches(1, new int[][] {{1, 8}, {0}, {8, 8}}))
        .isDeepEqualTo(new int[][] {{1, 11}, {0}, {11, 11}});
  }

  @Property(tries = 200)
  void replicasTrainOnTheirLabelsAndValidateOnTheTrueOnes(
      @ForAll @DoubleRange(min = 0, max = 1) double share,
      @ForAll @IntRange(min = 1, max = 4) int replicas,
      @ForAll long seed) {
    Split split = Split.random(TABLE.rows(), 0.6, seed);
    List<LabelNoise> noise =
        IntStream.range(0, replicas).mapToObj(r -> noise(split.train(), share, seed + r)).toList();

    NoisyTable noisy = NoisyTable.of(TABLE, noise);

    for (int replica = 0; replica < replicas; replica++) {
      int[] rows = noisy.rows(replica, split.train());
      int[] labels = TABLE.targets().clone();
      for (int i = 0; i < noise.get(replica).rows().length; i++) {
        labels[noise.get(replica).rows()[i]] = noise.get(replica).labels()[i];
      }
      for (int i = 0; i < rows.length; i++) {
        int row = split.train()[i];
        assertThat(tokens(noisy.table(), rows[i])).isEqualTo(tokens(TABLE, row));
        assertThat(noisy.table().targets()[rows[i]]).isEqualTo(labels[row]);
        if (labels[row] == TABLE.targets()[row]) {
          assertThat(rows[i]).as("unchanged rows keep their numbers").isEqualTo(row);
        }
      }
      assertThat(noisy.rows(replica, split.validation())).isEqualTo(split.validation());
    }
    assertThat(noisy.table().tokens()).startsWith(TABLE.tokens());
    assertThat(noisy.table().targets()).startsWith(TABLE.targets());
  }

  /** A replica's data, in the order of its row numbers, is the same in any company. */
  @Property(tries = 100)
  void replicasBesideMakeNoDifference(@ForAll long seed) {
    int[] train = Split.random(TABLE.rows(), 0.6, seed).train();
    LabelNoise own = noise(train, 0.5, seed);
    LabelNoise other = noise(train, 0.9, seed + 1);
    NoisyTable alone = NoisyTable.of(TABLE, List.of(own));
    NoisyTable second = NoisyTable.of(TABLE, List.of(other, own));
    int[] aloneRows = alone.rows(0, train);
    int[] secondRows = second.rows(1, train);
    Arrays.sort(aloneRows);
    Arrays.sort(secondRows);

    for (int i = 0; i < train.length; i++) {
      assertThat(tokens(second.table(), secondRows[i]))
          .isEqualTo(tokens(alone.table(), aloneRows[i]));
      assertThat(second.table().targets()[secondRows[i]])
          .isEqualTo(alone.table().targets()[aloneRows[i]]);
    }
  }

  @Test
  void withoutNoiseNothingIsCopied() {
    int[] train = Split.random(TABLE.rows(), 0.6, 1).train();
    int[][] batches = {{1, 2}, {3}};

    NoisyTable noisy = NoisyTable.of(TABLE, Collections.nCopies(3, noise(train, 0, 5)));

    assertThat(noisy.table()).isSameAs(TABLE);
    assertThat(noisy.rows(2, train)).isSameAs(train);
    assertThat(noisy.batches(2, batches)).isDeepEqualTo(batches);
  }

  @Test
  void refusesRowsAndReplicasThatAreNotThere() {
    LabelNoise beyond = new LabelNoise(new int[] {49}, new int[] {0});
    assertThatThrownBy(() -> NoisyTable.of(TABLE, List.of(beyond)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("row 49 is not in the table; its rows are 0 to 48");
    NoisyTable noisy = NoisyTable.of(TABLE, List.of(new LabelNoise(new int[] {0}, new int[] {5})));
    assertThatThrownBy(() -> noisy.rows(0, new int[] {0, 49}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("row 49 is not in the table; its rows are 0 to 48");
    assertThatThrownBy(() -> noisy.batches(0, new int[][] {{-1}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("row -1 is not in the table; its rows are 0 to 48");
    assertThatThrownBy(() -> noisy.rows(1, new int[] {0}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no replica 1; replicas are 0 to 0");
  }

  /** Rows of 2²⁰ tokens: 2,047 of them fit an array, so 1,000 replicas with two copies do not. */
  @Test
  void refusesMoreRowsThanFitAnArray() {
    TokenTable wide = new TokenTable(2, 1 << 20, new int[3 << 20], new int[3]);
    LabelNoise two = new LabelNoise(new int[] {0, 2}, new int[] {1, 1});

    assertThatThrownBy(() -> NoisyTable.of(wide, Collections.nCopies(1023, two)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "random labels make a table of more than 2,047 rows, which is the most allowed;"
                + " train fewer replicas together");
  }

  private static LabelNoise noise(int[] train, double share, long seed) {
    return LabelNoise.random(train, share, TASK.classes(), seed);
  }

  private static int[] tokens(TokenTable table, int row) {
    int length = table.sequenceLength();
    return Arrays.copyOfRange(table.tokens(), row * length, (row + 1) * length);
  }
}
