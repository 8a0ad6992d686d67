package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.groklab.data.TokenTable;
import dev.groklab.progress.Logits;
import dev.groklab.progress.TransformerReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {

  @TempDir Path folder;

  /** The reader in Java and the engine are two implementations of one definition. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void theReaderAgreesWithTheEngine(int layers) throws IOException {
    RunConfig config =
        TinyRun.config(Map.of("steps", 30, "layers", layers, "precision", "fp64", "lr", 0.02));
    Runner.train(config, folder.resolve("run"));
    TokenTable table = config.newTask().table();
    try (Network network = Network.open(config)) {
      network.load(new RunFolder(folder.resolve("run")).finalWeights());
      TransformerReader reader = network.reader();
      int[] rows = {0, 17, 120};
      double[][] logits = network.logits(rows);
      for (int i = 0; i < rows.length; i++) {
        int[] tokens = Arrays.copyOfRange(table.tokens(), 4 * rows[i], 4 * rows[i] + 4);
        TransformerReader.Position last = reader.read(tokens);
        assertThat(last.logits()).containsExactly(logits[i], within(1e-11));
        assertThat(last.neurons(layers - 1)).hasSize(64);
        assertThat(Arrays.stream(last.attention(0, 1)).sum()).isCloseTo(1, within(1e-12));
      }
    }
  }

  /** The gradient of a parameter is the slope of the loss. */
  @Test
  void gradientsAreByName() throws IOException {
    try (Network network = Network.open(TinyRun.config(Map.of("precision", "fp64")))) {
      int[] rows = {3, 44, 90};
      Tensor gradient = network.gradients(rows).get("readout.bias");
      assertThat(gradient.shape()).containsExactly(13L);
      double[] bias = network.parameters().get("readout.bias");
      double[] moved = bias.clone();
      moved[5] += 1e-6;
      double before = loss(network, rows);
      network.set("readout.bias", moved);
      assertThat(gradient.toDoubles()[5])
          .isCloseTo((loss(network, rows) - before) / 1e-6, within(1e-6));
      assertThatThrownBy(() -> network.set("readout.bias", new double[3]))
          .hasMessage("the network has no tensor readout.bias of 3 numbers");
    }
  }

  private static double loss(Network network, int[] rows) {
    double[][] logits = network.logits(rows);
    return IntStream.range(0, rows.length)
        .mapToDouble(i -> Logits.loss(logits[i], (rows[i] / 11 + rows[i] % 11) % 11))
        .average()
        .orElseThrow();
  }

  @Test
  void beginsAsTheRunBegins() throws IOException {
    RunConfig config = TinyRun.config(Map.of("steps", 7, "snapshot-every", 7));
    Runner.train(config, folder.resolve("run"));
    try (Network network = Network.open(config)) {
      Tensor first =
          Safetensors.read(new RunFolder(folder.resolve("run")).snapshot(0))
              .tensors()
              .get("token_embedding.weight");
      assertThat(network.parameters().get("token_embedding.weight"))
          .containsExactly(first.toDoubles());
      assertThat(network.split().train()).hasSize(60);
    }
  }

  @Test
  void onlyTransformersAreRead() throws IOException {
    try (Network network = Network.open(TinyRun.config(Map.of("model", "mlp")))) {
      assertThatThrownBy(network::reader)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("of the kind mlp");
    }
  }
}
