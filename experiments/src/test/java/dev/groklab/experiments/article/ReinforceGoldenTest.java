package dev.groklab.experiments.article;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.groklab.data.FeatureTable;
import dev.groklab.data.control.CartPole;
import dev.groklab.engine.AdamW;
import dev.groklab.engine.Backend;
import dev.groklab.engine.BatchLayout;
import dev.groklab.engine.Buffer;
import dev.groklab.engine.Chunk;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Dense;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.Precision;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.TensorInfo;
import dev.groklab.engine.Trainer;
import dev.groklab.engine.TrainerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** REINFORCE's losses and updates against PyTorch's: src/test/goldens/reinforce.py. */
class ReinforceGoldenTest {

  private static JsonNode golden() throws IOException {
    try (InputStream in = ReinforceGoldenTest.class.getResourceAsStream("reinforce.json")) {
      return JsonMapper.builder().build().readTree(in);
    }
  }

  private static double[] numbers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonNode::doubleValue)
        .toArray();
  }

  private static Episode episode(JsonNode json) {
    double[] states = numbers(json.get("states"));
    float[] observations = new float[states.length];
    for (int i = 0; i < states.length; i++) {
      observations[i] = (float) states[i];
    }
    return new Episode(
        observations, json.get("actions").textValue().chars().map(c -> c - '0').toArray());
  }

  private static void initialize(Trainer trainer, JsonNode weights) {
    double[] parameters = trainer.readDoubles(0, Buffer.PARAMETERS);
    for (TensorInfo tensor : trainer.tensors()) {
      double[] values = numbers(weights.get(tensor.name()));
      assertThat(values).as(tensor.name()).hasSize((int) tensor.count());
      System.arraycopy(values, 0, parameters, (int) tensor.offset(), values.length);
    }
    trainer.write(0, Buffer.PARAMETERS, parameters);
  }

  @Test
  void lossesAreThoseOfPyTorch() throws IOException {
    JsonNode golden = golden();
    FeatureTable empty =
        new FeatureTable(
            CartPole.ACTIONS,
            CartPole.OBSERVATION_SIZE,
            1,
            1,
            new float[CartPole.MAX_STEPS * CartPole.OBSERVATION_SIZE],
            new int[CartPole.MAX_STEPS],
            Optional.of(new double[CartPole.MAX_STEPS]));
    TrainerOptions options =
        new TrainerOptions(
            new Dense(CartPole.ACTIONS, 2, golden.get("hidden").intValue()),
            Precision.FP64,
            BatchLayout.AUTO,
            List.of(new ReplicaOptions(new AdamW(0.9, 0.999, 1e-8, 1e-4), 0.0, 0)));
    try (Engine engine = Engine.open(new EngineOptions(Backend.CPU, 1));
        Dataset dataset = engine.dataset(empty);
        Trainer trainer = engine.trainer(dataset, options);
        Chunk chunk = trainer.chunk(1, CartPole.MAX_STEPS)) {
      initialize(trainer, golden.get("weights"));
      int[] rows = IntStream.range(0, CartPole.MAX_STEPS).toArray();
      JsonNode episodes = golden.get("episodes");
      assertThat(episodes).hasSize(50);
      for (JsonNode json : episodes) {
        Episode episode = episode(json);
        dataset.write(0, episode.rows(golden.get("gamma").doubleValue()));
        chunk.clear();
        chunk.batch(0, 0, rows, 0, episode.steps(), 1e-3);
        trainer.run(chunk);
        double loss = json.get("loss").doubleValue();
        assertThat(chunk.loss(0, 0)).isCloseTo(loss, within(1e-11 * Math.abs(loss)));
      }
    }
  }
}
