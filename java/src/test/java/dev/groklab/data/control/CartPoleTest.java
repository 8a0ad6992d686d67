package dev.groklab.data.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against episodes of Gymnasium's CartPole-v1: src/test/goldens/cartpole.py. */
class CartPoleTest {

  /** Steps over which the last bit of a sine does not grow to one of a float. */
  private static final int FREE_STEPS = 60;

  record Episode(double[][] states, int[] actions, boolean terminated, boolean truncated) {}

  static Stream<Episode> episodes() throws IOException {
    List<Episode> episodes = new ArrayList<>();
    try (InputStream in = CartPoleTest.class.getResourceAsStream("cartpole.json")) {
      for (JsonNode episode : JsonMapper.builder().build().readTree(in).get("episodes")) {
        List<double[]> states = new ArrayList<>();
        for (JsonNode state : episode.get("states")) {
          double[] numbers = new double[CartPole.OBSERVATION_SIZE];
          for (int i = 0; i < numbers.length; i++) {
            numbers[i] = state.get(i).doubleValue();
          }
          states.add(numbers);
        }
        episodes.add(
            new Episode(
                states.toArray(double[][]::new),
                episode.get("actions").textValue().chars().map(c -> c - '0').toArray(),
                episode.get("terminated").booleanValue(),
                episode.get("truncated").booleanValue()));
      }
    }
    return episodes.stream();
  }

  private static float[] floats(double[] state) {
    float[] floats = new float[state.length];
    for (int i = 0; i < state.length; i++) {
      floats[i] = (float) state[i];
    }
    return floats;
  }

  private static float[] observation(CartPole cart) {
    float[] observation = new float[CartPole.OBSERVATION_SIZE];
    cart.observe(observation, 0);
    return observation;
  }

  /** From each of Gymnasium's states, its observation after one step, to the bit. */
  @ParameterizedTest
  @MethodSource("episodes")
  void everyStepIsGymnasiums(Episode golden) {
    CartPole cart = new CartPole();
    for (int t = 0; t < golden.actions().length; t++) {
      cart.reset(golden.states()[t]);
      cart.step(golden.actions()[t]);
      assertThat(observation(cart)).as("step %d", t).isEqualTo(floats(golden.states()[t + 1]));
      assertThat(cart.state()).containsExactly(golden.states()[t + 1], within(1e-15));
      boolean last = t + 1 == golden.actions().length;
      assertThat(cart.isTerminated()).isEqualTo(last && golden.terminated());
    }
  }

  /** Without help on the way: the observations of whole episodes, to the bit, while they can be. */
  @ParameterizedTest
  @MethodSource("episodes")
  void episodesAreGymnasiums(Episode golden) {
    CartPole cart = new CartPole();
    cart.reset(golden.states()[0]);
    int steps = Math.min(golden.actions().length, FREE_STEPS);
    for (int t = 0; t < steps; t++) {
      assertThat(cart.isOver()).isFalse();
      cart.step(golden.actions()[t]);
      assertThat(observation(cart)).as("step %d", t).isEqualTo(floats(golden.states()[t + 1]));
    }
    assertThat(cart.steps()).isEqualTo(steps);
    if (steps == golden.actions().length) {
      assertThat(cart.isTerminated()).isEqualTo(golden.terminated());
      assertThat(cart.isTruncated()).isEqualTo(golden.truncated());
    }
  }

  /** The goldens hold both ends, and more than a few steps. */
  @Test
  void theGoldensAreEnough() throws IOException {
    List<Episode> episodes = episodes().toList();
    assertThat(episodes.stream().mapToInt(episode -> episode.actions().length).sum())
        .isGreaterThan(500);
    assertThat(episodes).anyMatch(Episode::terminated).anyMatch(Episode::truncated);
  }

  @Test
  void truncatesAfter500Steps() {
    CartPole cart = new CartPole();
    cart.reset(new double[] {0, 0, 0, 0});
    for (int t = 0; t < CartPole.MAX_STEPS; t++) {
      assertThat(cart.isOver()).isFalse();
      double[] s = cart.state();
      cart.step(s[2] + 0.4 * s[3] + 0.03 * s[0] + 0.1 * s[1] > 0 ? 1 : 0);
    }
    assertThat(cart.isTruncated()).isTrue();
    assertThat(cart.isTerminated()).isFalse();
    assertThatThrownBy(() -> cart.step(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("over after 500 steps");
  }

  @Test
  void startsAtRandomFromItsSeedAndEpisode() {
    CartPole cart = new CartPole();
    double[] sums = new double[CartPole.OBSERVATION_SIZE];
    for (int episode = 0; episode < 2000; episode++) {
      cart.reset(7, episode);
      double[] state = cart.state();
      for (int i = 0; i < state.length; i++) {
        assertThat(state[i]).isBetween(-0.05, 0.05);
        sums[i] += state[i];
      }
    }
    assertThat(sums).containsExactly(new double[CartPole.OBSERVATION_SIZE], within(5.0)); // 4 σ

    cart.reset(7, 3);
    double[] first = cart.state();
    cart.step(1);
    cart.reset(7, 3);
    assertThat(cart.state()).isEqualTo(first);
    assertThat(cart.steps()).isZero();
    cart.reset(8, 3);
    assertThat(cart.state()).isNotEqualTo(first);
    cart.reset(7, 4);
    assertThat(cart.state()).isNotEqualTo(first);
  }

  @Test
  void refusesWhatItDoesNotHave() {
    CartPole cart = new CartPole();
    assertThatThrownBy(() -> cart.step(2)).hasMessageContaining("action 2 is not allowed");
    assertThatThrownBy(() -> cart.reset(new double[3])).hasMessageContaining("not 3");
  }
}
