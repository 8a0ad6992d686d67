package dev.groklab.experiments.article;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.groklab.data.FeatureTable;
import org.junit.jupiter.api.Test;

class EpisodeTest {

  private final Episode episode =
      new Episode(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, new int[] {1, 0, 1});

  /** Rewards of 1: G₂ = 1, G₁ = 1 + γ, G₀ = 1 + γ + γ². */
  @Test
  void returnsAreDiscounted() {
    assertThat(episode.returns(0.9)).containsExactly(new double[] {2.71, 1.9, 1}, within(1e-12));
    assertThat(episode.returns(1)).containsExactly(3, 2, 1);
  }

  /** The mean over the rows of weight times loss is the sum over the steps of return times loss. */
  @Test
  void weightsMakeOfTheMeanASum() {
    FeatureTable rows = episode.rows(0.9);
    assertThat(rows.weights().orElseThrow())
        .containsExactly(new double[] {3 * 2.71, 3 * 1.9, 3}, within(1e-12));
    assertThat(rows.targets()).containsExactly(1, 0, 1);
    assertThat(rows.features()).isEqualTo(4);
    assertThat(rows.rows()).isEqualTo(3);
  }
}
