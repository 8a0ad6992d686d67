package dev.groklab.run;

import dev.groklab.data.NoisyTable;
import dev.groklab.data.Task;
import dev.groklab.data.TokenTable;
import dev.groklab.engine.Backend;
import dev.groklab.engine.Chunk;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineInfo;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.Evaluation;
import dev.groklab.engine.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Trains runs of one architecture together, one replica each. Java decides: which rows, which rate,
 * when to evaluate, to write a checkpoint, to end. The engine computes, in chunks of steps that end
 * where one of these is due. What comes out does not depend on the chunks, on the replicas beside,
 * or on stops and resumptions.
 *
 * <p>{@link #open} checks everything and writes nothing; {@link #run} trains, on the calling
 * thread; {@link #stop} may be called from any other.
 */
public final class Runner implements AutoCloseable {

  /** Settings that replicas cannot have each for themselves. */
  private static final Set<ConfigKey> SHARED =
      Set.of(
          ConfigKey.TASK,
          ConfigKey.P,
          ConfigKey.SUMMANDS,
          ConfigKey.MODEL,
          ConfigKey.LAYERS,
          ConfigKey.DIM,
          ConfigKey.HEADS,
          ConfigKey.HIDDEN,
          ConfigKey.BACKEND,
          ConfigKey.THREADS,
          ConfigKey.PRECISION);

  private final List<Replica> replicas;
  private final Engine engine;
  private final Dataset dataset;
  private final Trainer trainer;
  private final List<String> notices;
  private volatile boolean stopping;

  private Runner(
      List<Replica> replicas,
      Engine engine,
      Dataset dataset,
      Trainer trainer,
      List<String> notices) {
    this.replicas = replicas;
    this.engine = engine;
    this.dataset = dataset;
    this.trainer = trainer;
    this.notices = notices;
  }

  /**
   * The settings that runs must have in common to be trained together.
   *
   * @param config a run
   * @return its values of these settings
   */
  public static Map<ConfigKey, Object> shared(RunConfig config) {
    Map<ConfigKey, Object> values = new EnumMap<>(ConfigKey.class);
    SHARED.forEach(key -> values.put(key, config.value(key)));
    return values;
  }

  /**
   * Makes ready to train: checks the runs, reads recorded inputs and checkpoints, opens the engine.
   * Writes no file.
   *
   * @param runs the runs, at least one; all of one architecture, task, precision and backend, but
   *     of any optimizers
   * @return the runner, to be closed
   * @throws ConfigException if a setting does not fit the others or its files
   * @throws dev.groklab.engine.EngineException if the backend cannot be used or memory does not
   *     suffice
   * @throws IOException if a checkpoint cannot be read
   */
  public static Runner open(List<Run> runs) throws IOException {
    return open(runs, runs.getFirst().config().threads());
  }

  /**
   * The same with another number of threads than the configurations say.
   *
   * @param runs the runs, at least one; all of one architecture, task, precision and backend, but
   *     of any optimizers
   * @param threads CPU threads, 0: all
   * @return the runner, to be closed
   * @throws ConfigException if a setting does not fit the others or its files
   * @throws dev.groklab.engine.EngineException if the backend cannot be used or memory does not
   *     suffice
   * @throws IOException if a checkpoint cannot be read
   */
  public static Runner open(List<Run> runs, int threads) throws IOException {
    RunConfig first = runs.getFirst().config();
    for (Run run : runs) {
      for (ConfigKey key : SHARED) {
        if (!run.config().value(key).equals(first.value(key))) {
          throw new ConfigException(
              key.key(),
              String.format(
                  "%s and %s cannot be trained together",
                  first.value(key), run.config().value(key)));
        }
      }
    }
    for (Run run : runs) {
      requireUsableTrace(run);
    }
    Task task = first.newTask();
    List<ReplicaInputs> inputs =
        runs.stream().map(run -> ReplicaInputs.of(run.config(), task)).toList();
    NoisyTable noisy = noisy(task, inputs);
    TokenTable table = noisy.table();
    List<Replica> replicas =
        IntStream.range(0, runs.size())
            .mapToObj(r -> new Replica(runs.get(r), inputs.get(r), noisy, r))
            .toList();

    Deque<AutoCloseable> opened = new ArrayDeque<>();
    try {
      Engine engine = Engine.open(new EngineOptions(backend(runs), threads));
      opened.push(engine);
      List<String> notices = compareMachines(runs, engine.info());
      Dataset dataset = engine.dataset(table);
      opened.push(dataset);
      Trainer trainer = engine.trainer(dataset, TrainerSetup.trainer(task, table, replicas));
      opened.push(trainer);
      for (Replica replica : replicas) {
        replica.load(trainer);
      }
      return new Runner(replicas, engine, dataset, trainer, notices);
    } catch (IOException | RuntimeException | Error e) {
      for (AutoCloseable resource : opened) {
        closeAfter(e, resource);
      }
      throw e;
    }
  }

  private static NoisyTable noisy(Task task, List<ReplicaInputs> inputs) {
    try {
      return NoisyTable.of(task.table(), inputs.stream().map(ReplicaInputs::noise).toList());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(ConfigKey.LABEL_NOISE.key(), e.getMessage());
    }
  }

  private static void requireUsableTrace(Run run) {
    try {
      if (run.trace().isPresent()) {
        StepLog.requireUsable(run.trace().get());
      }
    } catch (IOException e) {
      throw new ConfigException("trace-steps", IoFailure.describe(e));
    }
  }

  /** The backend asked for; a resumed run that left the choice open stays where it was made. */
  private static Backend backend(List<Run> runs) throws IOException {
    Backend asked = runs.getFirst().config().backend();
    for (Run run : runs) {
      Optional<String> made = madeOn(run, Environment.BACKEND);
      if (asked == Backend.AUTO && made.isPresent()) {
        return Backend.valueOf(made.get().toUpperCase(Locale.ROOT));
      }
    }
    return asked;
  }

  /** Tells where a resumed run will not get the bits that it would have got where it was made. */
  private static List<String> compareMachines(List<Run> runs, EngineInfo engine)
      throws IOException {
    for (Run run : runs) {
      Optional<String> made = madeOn(run, Environment.INSTRUCTION_SET);
      if (made.isPresent() && !made.get().equals(engine.instructionSet())) {
        return List.of(
            String.format(
                "the run was made with %s instructions, this machine computes with %s: the last"
                    + " bits of its numbers may differ from those of an unbroken run",
                made.get(), engine.instructionSet()));
      }
    }
    return List.of();
  }

  private static Optional<String> madeOn(Run run, String what) throws IOException {
    Path file = run.folder().config();
    return run.resume() && Files.exists(file)
        ? Optional.ofNullable(ConfigFile.readEnvironment(file).get(what))
        : Optional.empty();
  }

  private static void closeAfter(Throwable failure, AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Trains one run from its first step on.
   *
   * @param config what to train
   * @param folder where its files go; no run may be there yet
   * @return what became of it
   * @throws IOException if a file cannot be written
   */
  public static Summary train(RunConfig config, Path folder) throws IOException {
    try (Runner runner = open(List.of(new Run(config, folder)))) {
      return runner.run(new RunListener() {}).getFirst();
    }
  }

  /**
   * What trains.
   *
   * @return backend, threads and processor
   */
  public EngineInfo engine() {
    return engine.info();
  }

  /**
   * Whether all runs had ended before, so that {@link #run} has nothing to do.
   *
   * @return true if so
   */
  public boolean isComplete() {
    return replicas.stream().allMatch(Replica::isComplete);
  }

  /**
   * Trains until every run has ended or {@link #stop} is called, and writes their files. To be
   * called once.
   *
   * @param listener is told how it goes
   * @return what became of each run, in their order
   * @throws IOException if a file cannot be written; files are then whole, and the runs can be
   *     resumed from their checkpoints
   */
  public List<Summary> run(RunListener listener) throws IOException {
    List<Integer> incomplete =
        IntStream.range(0, replicas.size())
            .filter(r -> !replicas.get(r).isComplete())
            .boxed()
            .toList();
    try {
      openFiles(incomplete);
      notices.forEach(listener::notice);
      new Session(listener).train(incomplete);
    } finally {
      for (Replica replica : replicas) {
        replica.close();
      }
    }
    return replicas.stream().map(Replica::summary).toList();
  }

  /** Opens the files of runs; if one cannot be opened, none of a new run is left behind. */
  private void openFiles(List<Integer> indices) throws IOException {
    List<Replica> fresh = indices.stream().map(replicas::get).filter(Replica::isFresh).toList();
    for (Replica replica : fresh) {
      replica.requireFreeFolder();
    }
    try {
      Map<String, Object> environment = Environment.of(engine.info());
      for (int r : indices) {
        replicas.get(r).open(environment);
      }
    } catch (IOException e) {
      for (Replica replica : fresh) {
        replica.discard();
      }
      throw e;
    }
  }

  /** Times steps and an evaluation of all replicas; they are good for nothing else then. */
  Speed speed() {
    return Speed.measure(trainer, replicas);
  }

  /**
   * Ends training after the present chunk, within about a second; the runs are then resumable. May
   * be called from any thread, also before {@link #run}.
   */
  public void stop() {
    stopping = true;
  }

  /** Gives the engine's memory back. */
  @Override
  public void close() {
    trainer.close();
    dataset.close();
    engine.close();
  }

  /** One call of {@link Runner#run}. */
  private final class Session {
    private final RunListener listener;
    private final long start = System.nanoTime();
    private final int capacity =
        replicas.stream().mapToInt(replica -> replica.order().capacity()).max().orElseThrow();
    private final ChunkSize size = new ChunkSize(replicas.size(), capacity);
    private final int[] rows = new int[capacity];
    private final double[] losses = new double[size.limit()];
    private long made; // steps of this session

    Session(RunListener listener) {
      this.listener = listener;
    }

    void train(List<Integer> incomplete) throws IOException {
      for (int r : incomplete) {
        listener.started(r, replicas.get(r).config(), replicas.get(r).step());
        if (replicas.get(r).step() == 0) {
          replicas.get(r).snapshot(trainer);
        }
        if (!replicas.get(r).isTraining()) {
          finish(r); // it ended in an earlier session that was killed before it could say so
        }
      }
      try (Chunk chunk = trainer.chunk(size.limit(), capacity)) {
        List<Integer> training = stillTraining(incomplete);
        while (!training.isEmpty() && !stopping) {
          train(chunk, training);
          evaluate(training);
          for (int r : training) {
            replicas.get(r).snapshot(trainer);
            endOrCheckpoint(r);
          }
          training = stillTraining(training);
          report(training);
        }
        for (int r : training) {
          finish(r);
        }
      }
    }

    private List<Integer> stillTraining(List<Integer> indices) {
      return indices.stream().filter(r -> replicas.get(r).isTraining()).toList();
    }

    /** Makes the next steps, up to where something is due for one of the replicas. */
    private void train(Chunk chunk, List<Integer> training) throws IOException {
      int steps = size.steps();
      for (int r : training) {
        steps = (int) Math.min(steps, replicas.get(r).stepsToNextStop());
      }
      chunk.clear();
      chunk.steps(steps);
      for (int r = 0; r < replicas.size(); r++) {
        chunk.setActive(r, replicas.get(r).isTraining());
      }
      for (int r : training) {
        Replica replica = replicas.get(r);
        for (int s = 0; s < steps; s++) {
          long step = replica.step() + s;
          int count = replica.order().rows(step, rows);
          chunk.batch(r, s, rows, 0, count, replica.schedule().rate(step));
        }
      }
      long before = System.nanoTime();
      trainer.run(chunk);
      size.measured(steps, 1e-9 * (System.nanoTime() - before));
      made += steps;
      for (int r : training) {
        for (int s = 0; s < steps; s++) {
          losses[s] = chunk.loss(r, s);
        }
        replicas.get(r).advance(losses, steps);
      }
    }

    private void evaluate(List<Integer> training) throws IOException {
      boolean[] due = new boolean[replicas.size()];
      boolean any = false;
      for (int r : training) {
        due[r] = replicas.get(r).isEvaluationDue();
        any |= due[r];
      }
      if (!any) {
        return;
      }
      Evaluation evaluation = trainer.evaluate(Replica.SPLITS, due);
      List<Integer> evaluated = training.stream().filter(r -> due[r]).toList();
      List<Measures> measures = measure(evaluated);
      for (int i = 0; i < evaluated.size(); i++) {
        int r = evaluated.get(i);
        replicas.get(r).clock(seconds());
        listener.evaluated(r, replicas.get(r).record(evaluation, measures.get(i)));
      }
    }

    /** The engine is asked replica by replica; what it says is worked through side by side. */
    private List<Measures> measure(List<Integer> evaluated) {
      List<Supplier<Measures>> work = new ArrayList<>();
      for (int r : evaluated) {
        Optional<Probe> probe = replicas.get(r).probe();
        Optional<Probe.Reading> reading = probe.map(asking -> asking.read(trainer, r));
        work.add(
            () -> reading.map(read -> probe.orElseThrow().measure(read)).orElse(Measures.NONE));
      }
      return work.parallelStream().map(Supplier::get).toList();
    }

    private void endOrCheckpoint(int r) throws IOException {
      Replica replica = replicas.get(r);
      if (!replica.isTraining()) {
        finish(r);
      } else if (replica.isCheckpointDue()) {
        replica.clock(seconds());
        replica.checkpoint(trainer);
      }
    }

    private void finish(int r) throws IOException {
      replicas.get(r).clock(seconds());
      listener.finished(r, replicas.get(r).finish(trainer));
    }

    private void report(List<Integer> training) {
      if (!training.isEmpty()) {
        long step = training.stream().mapToLong(r -> replicas.get(r).step()).min().orElseThrow();
        long steps =
            training.stream().mapToLong(r -> replicas.get(r).config().steps()).max().orElseThrow();
        listener.progressed(
            new RunListener.Progress(step, steps, training.size(), made / seconds()));
      }
    }

    private double seconds() {
      return 1e-9 * (System.nanoTime() - start);
    }
  }
}
