package dev.groklab.data.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.data.BatchOrder;
import org.junit.jupiter.api.Test;

class FeaturesTest {

  private final Images train = Shapes.draw(0, 6, 1);
  private final Images test = Shapes.draw(6, 3, 1);
  private final Features features = Features.of(train, test);

  private float value(int row, int channel, int y, int x) {
    return features.values()[((row * 3 + channel) * 32 + y) * 32 + x];
  }

  @Test
  void holdTrainingImagesTwiceAndTestImagesOnce() {
    assertThat(features.targets()).containsExactly(0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(Features.trainRows(6)).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(Features.testRows(6, 3)).containsExactly(12, 13, 14);
    assertThat(features.values()).hasSize(15 * 3072);
  }

  @Test
  void areNormalisedAndFlipped() {
    for (int image = 0; image < 6; image++) {
      for (int channel = 0; channel < 3; channel++) {
        for (int y = 0; y < 32; y++) {
          for (int x = 0; x < 32; x++) {
            float expected = (train.pixel(image, channel, y, x) / 255f - 0.5f) / 0.5f;
            assertThat(value(image, channel, y, x)).isEqualTo(expected).isBetween(-1f, 1f);
            assertThat(value(image + 6, channel, y, 31 - x)).isEqualTo(expected);
          }
        }
      }
    }
    assertThat(value(13, 2, 4, 9)).isEqualTo((test.pixel(1, 2, 4, 9) / 255f - 0.5f) / 0.5f);
  }

  @Test
  void batchesTakeEitherOfAPair() {
    BatchOrder order = BatchOrder.flipped(BatchOrder.full(Features.trainRows(6)), 6, 3);
    int[] rows = new int[order.capacity()];
    int[] flips = new int[6];
    for (int step = 0; step < 400; step++) {
      assertThat(order.rows(step, rows)).isEqualTo(6);
      for (int i = 0; i < 6; i++) {
        assertThat(rows[i] % 6).isEqualTo(i);
        flips[i] += rows[i] / 6;
      }
    }
    for (int count : flips) {
      assertThat(count).isBetween(150, 250); // 200 ± 5 σ
    }
  }
}
