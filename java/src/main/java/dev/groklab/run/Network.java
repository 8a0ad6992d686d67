package dev.groklab.run;

import dev.groklab.data.Split;
import dev.groklab.data.Task;
import dev.groklab.data.TokenTable;
import dev.groklab.engine.Backend;
import dev.groklab.engine.BatchLayout;
import dev.groklab.engine.Buffer;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.TensorInfo;
import dev.groklab.engine.Trainer;
import dev.groklab.engine.TrainerOptions;
import dev.groklab.progress.TransformerReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The network of a run, to be looked into: its parameters, logits of any rows, gradients; and, of a
 * Transformer, what happens inside. On the CPU, in the run's precision, without dropout. Used by
 * one thread at a time.
 *
 * <pre>{@code
 * try (Network network = Network.open(config)) {
 *   network.load(folder.snapshot(1000));
 *   Tensor gradient = network.gradients(rows).get("token_embedding.weight");
 *   double[] neurons = network.reader().read(tokens).neurons(0);
 * }
 * }</pre>
 */
public final class Network implements AutoCloseable {

  private final RunConfig config;
  private final ReplicaInputs inputs;
  private final Engine engine;
  private final Dataset dataset;
  private final Trainer trainer;

  private Network(
      RunConfig config, ReplicaInputs inputs, Engine engine, Dataset dataset, Trainer trainer) {
    this.config = config;
    this.inputs = inputs;
    this.engine = engine;
    this.dataset = dataset;
    this.trainer = trainer;
  }

  /**
   * Makes the network of a run, with the weights that it begins with.
   *
   * @param config the run
   * @return the network, to be closed
   * @throws ConfigException if the run repeats recorded inputs, which cannot be read
   * @throws dev.groklab.engine.EngineException if memory does not suffice
   * @throws IOException if recorded initial weights are another model's
   */
  public static Network open(RunConfig config) throws IOException {
    Task task = config.newTask();
    ReplicaInputs inputs = ReplicaInputs.of(config, task);
    TokenTable table = task.table();
    Engine engine = Engine.open(new EngineOptions(Backend.CPU, config.threads()));
    try {
      Dataset dataset = engine.dataset(table);
      ReplicaOptions replica = new ReplicaOptions(TrainerSetup.optimizer(config), 0, 0);
      TrainerOptions options =
          new TrainerOptions(
              TrainerSetup.model(config, task, table),
              config.precision(),
              BatchLayout.AUTO,
              List.of(replica));
      Network network =
          new Network(config, inputs, engine, dataset, engine.trainer(dataset, options));
      network.initialize();
      return network;
    } catch (IOException | RuntimeException | Error e) {
      engine.close();
      throw e;
    }
  }

  /**
   * Goes back to the weights that the run begins with.
   *
   * @throws IOException if they were recorded and are another model's
   */
  public void initialize() throws IOException {
    trainer.initialize(0, config.initSeed());
    Optional<Safetensors> recorded = inputs.replay().flatMap(Replay::init);
    if (recorded.isPresent()) {
      Path file = Replay.initFile(config.replay().orElseThrow());
      Weights.write(trainer, 0, Buffer.PARAMETERS, "", file, recorded.get().tensors());
    }
  }

  /**
   * Which rows of the task's table the run trains on, and which validate.
   *
   * @return the split
   */
  public Split split() {
    return inputs.split();
  }

  /**
   * Takes the parameters of a file, such as {@code final.safetensors} or a snapshot.
   *
   * @param file the file
   * @throws FormatException if it is none, or another model's
   * @throws IOException if it cannot be read
   */
  public void load(Path file) throws IOException {
    Map<String, Tensor> tensors = Safetensors.read(file).tensors();
    Weights.write(trainer, 0, Buffer.PARAMETERS, "", file, tensors);
  }

  /**
   * The parameters.
   *
   * @return by name, row-major, in the model's order
   */
  public Map<String, double[]> parameters() {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    for (Tensor tensor : Weights.read(trainer, 0, Buffer.PARAMETERS, "")) {
      parameters.put(tensor.name(), tensor.toDoubles());
    }
    return parameters;
  }

  /**
   * Changes a parameter.
   *
   * @param name its name
   * @param values its elements, row-major; rounded to the run's precision
   * @throws IllegalArgumentException if there is no such parameter, or it has another size
   */
  public void set(String name, double[] values) {
    for (TensorInfo tensor : trainer.tensors()) {
      if (tensor.name().equals(name) && tensor.count() == values.length) {
        double[] flat = trainer.readDoubles(0, Buffer.PARAMETERS);
        System.arraycopy(values, 0, flat, (int) tensor.offset(), values.length);
        trainer.write(0, Buffer.PARAMETERS, flat);
        return;
      }
    }
    throw new IllegalArgumentException(
        "the network has no tensor " + name + " of " + values.length + " numbers");
  }

  /**
   * Logits of rows.
   *
   * @param rows numbers of rows in the task's table
   * @return [rows][V]
   * @throws IllegalArgumentException if there is no such row
   */
  public double[][] logits(int[] rows) {
    return trainer.logits(0, rows);
  }

  /**
   * Gradients of the mean cross-entropy of rows, with their true labels.
   *
   * @param rows numbers of rows in the task's table
   * @return the gradient of each parameter, by its name
   * @throws IllegalArgumentException if there is no such row
   */
  public Map<String, Tensor> gradients(int[] rows) {
    trainer.gradient(0, rows);
    Map<String, Tensor> gradients = new LinkedHashMap<>();
    for (Tensor tensor : Weights.read(trainer, 0, Buffer.GRADIENTS, "")) {
      gradients.put(tensor.name(), tensor);
    }
    return gradients;
  }

  /**
   * What happens inside, at the present parameters.
   *
   * @return a reader of rows, which later changes of the parameters leave as it is
   * @throws IllegalStateException if the network is no Transformer
   */
  public TransformerReader reader() {
    if (!config.model().equals("transformer")) {
      throw new IllegalStateException(
          "the network is of the kind "
              + config.model()
              + "; the inside of a transformer is known");
    }
    return new TransformerReader(parameters(), config.layers(), config.heads());
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    trainer.close();
    dataset.close();
    engine.close();
  }
}
