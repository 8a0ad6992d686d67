package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class BatchOrderTest {

  @Property(tries = 200)
  void everyEpochIsAPermutationOfTheTrainingRows(
      @ForAll @IntRange(min = 2, max = 300) int rows,
      @ForAll @IntRange(min = 1, max = 300) int size,
      @ForAll @LongRange(min = 0, max = 1L << 40) long epoch,
      @ForAll long seed) {
    int[] train = Split.random(rows * 2, 0.5, 7).train();
    int batchSize = Math.min(size, rows);
    BatchOrder order = BatchOrder.shuffled(train, batchSize, seed);
    int stepsPerEpoch = Math.ceilDiv(rows, batchSize);

    int[] seen = new int[rows];
    int count = 0;
    for (int i = 0; i < stepsPerEpoch; i++) {
      long step = epoch * stepsPerEpoch + i;
      int[] batch = batch(order, step);
      assertThat(batch.length).isEqualTo(i < stepsPerEpoch - 1 ? batchSize : rows - i * batchSize);
      assertThat(order.epoch(step)).isEqualTo(epoch);
      System.arraycopy(batch, 0, seen, count, batch.length);
      count += batch.length;
    }

    assertThat(count).isEqualTo(rows);
    assertThat(sorted(seen)).isEqualTo(sorted(train));
  }

  @Property(tries = 100)
  void anyStepCanBeAskedForDirectly(@ForAll @IntRange(max = 99) int step, @ForAll long seed) {
    int[] train = Split.random(100, 0.5, 7).train();
    BatchOrder sequential = BatchOrder.shuffled(train, 7, seed);
    int[] expected = null;
    for (int s = 0; s <= step; s++) {
      expected = batch(sequential, s);
    }

    BatchOrder direct = BatchOrder.shuffled(train, 7, seed);

    assertThat(batch(direct, step)).isEqualTo(expected);
    batch(direct, 12345); // another epoch in between changes nothing
    assertThat(batch(direct, step)).isEqualTo(expected);
  }

  @Test
  void epochsAndSeedsDiffer() {
    int[] train = Split.random(1000, 0.5, 7).train();
    BatchOrder order = BatchOrder.shuffled(train, 500, 3);

    assertThat(batch(order, 0)).isNotEqualTo(batch(order, 1)).isNotEqualTo(train);
    assertThat(batch(order, 0)).isNotEqualTo(batch(BatchOrder.shuffled(train, 500, 4), 0));
    assertThat(batch(order, 0)).isNotEqualTo(batch(order, 1L << 32));
  }

  @Test
  void fullBatchesAreAllRowsEveryStep() {
    int[] train = {5, 3, 8};
    BatchOrder order = BatchOrder.full(train);

    assertThat(batch(order, 0)).containsExactly(5, 3, 8);
    assertThat(batch(order, 1_000_000)).containsExactly(5, 3, 8);
    assertThat(order.epoch(17)).isEqualTo(17);
    assertThat(order.capacity()).isEqualTo(3);
  }

  @Test
  void recordedBatchesAreReplayed() {
    BatchOrder order = BatchOrder.recorded(new int[][] {{1, 2}, {3}, {2, 1}}, 3);

    assertThat(batch(order, 1)).containsExactly(3);
    assertThat(batch(order, 2)).containsExactly(2, 1);
    assertThat(order.capacity()).isEqualTo(2);
    assertThat(order.limit()).isEqualTo(3);
    assertThat(order.epoch(1)).isZero();
    assertThat(order.epoch(2)).isEqualTo(1);
    assertThat(order.epoch(3)).isEqualTo(1);
    assertThat(BatchOrder.recorded(new int[][] {{1, 2}, {3}, {2, 1}}).epoch(2)).isEqualTo(1);
    assertThatThrownBy(() -> batch(order, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no batch for step 3; steps are 0 to 2");
  }

  @Test
  void refusesOtherArguments() {
    int[] train = new int[211];
    assertThatThrownBy(() -> BatchOrder.shuffled(train, 300, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batch size 300 is larger than the 211 training rows");
    assertThatThrownBy(() -> BatchOrder.shuffled(train, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batch size 0 is too small; at least 1 is allowed");
    assertThatThrownBy(() -> BatchOrder.full(new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there are no training rows to make batches of");
    assertThatThrownBy(() -> BatchOrder.recorded(new int[0][], 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the recording holds no batches");
    assertThatThrownBy(() -> BatchOrder.recorded(new int[][] {{1}, {}}, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the recorded batch of step 1 has no rows");
    assertThatThrownBy(() -> BatchOrder.recorded(new int[][] {{1}}, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the number of training rows is 0; at least 1 is allowed");
    BatchOrder order = BatchOrder.shuffled(train, 100, 0);
    assertThatThrownBy(() -> order.rows(0, new int[99]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the array for a batch of 100 rows has only 99 elements");
    assertThatThrownBy(() -> order.rows(-1, new int[100]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("there is no batch for step -1; steps are 0 to ");
  }

  private static int[] batch(BatchOrder order, long step) {
    int[] rows = new int[order.capacity()];
    return Arrays.copyOf(rows, order.rows(step, rows));
  }

  private static int[] sorted(int[] values) {
    int[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted;
  }

  @Test
  void flippedBatchesAreAFunctionOfSeedAndStep() {
    int[] train = Split.random(100, 0.5, 7).train();
    BatchOrder plain = BatchOrder.shuffled(train, 16, 3);
    BatchOrder flipped = BatchOrder.flipped(plain, 1000, 5);
    assertThat(flipped.capacity()).isEqualTo(16);
    assertThat(flipped.limit()).isEqualTo(plain.limit());
    assertThat(flipped.epoch(4)).isEqualTo(1);
    int[] first = batch(flipped, 9);
    int[] other = batch(flipped, 10);
    assertThat(batch(flipped, 9)).isEqualTo(first).isNotEqualTo(other);
    assertThat(Arrays.stream(first).map(row -> row % 1000).toArray()).isEqualTo(batch(plain, 9));
    assertThat(batch(BatchOrder.flipped(plain, 1000, 6), 9)).isNotEqualTo(first);
    assertThatThrownBy(() -> BatchOrder.flipped(plain, 0, 5)).hasMessageContaining("0 rows");
  }
}
