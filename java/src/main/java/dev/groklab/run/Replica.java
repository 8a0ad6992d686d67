package dev.groklab.run;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.NoisyTable;
import dev.groklab.data.Split;
import dev.groklab.engine.Buffer;
import dev.groklab.engine.Evaluation;
import dev.groklab.engine.Optimizer;
import dev.groklab.engine.Trainer;
import dev.groklab.schedule.Schedule;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One run among those that train together: its data, its place in time, and its files. */
final class Replica {

  /** Splits of a replica in the engine. */
  static final int TRAIN = 0;

  static final int VALIDATION = 1;
  static final int SPLITS = 2;

  private static final int GROKKED_EVALUATIONS = 5;

  private final Run run;
  private final RunConfig config;
  private final Optional<Replay> replay;
  private final NoisyTable table;
  private final int index;
  private final Split split;
  private final BatchOrder order;
  private final Schedule schedule;
  private final Optimizer optimizer;
  private final double stepsPerEpoch;
  private final List<MetricsRow> rows = new ArrayList<>();
  private boolean resumed;
  private long step;
  private double secondsBefore; // wall-clock time of earlier sessions
  private double seconds; // … and of this one
  private Optional<Status> outcome = Optional.empty();
  private Optional<Probe> probe = Optional.empty();
  private Optional<MetricsLog> metrics = Optional.empty();
  private Optional<StepLog> trace = Optional.empty();

  /**
   * Lays out a run's data.
   *
   * @param inputs what it is made of
   * @param table the table of all replicas, of which this one is number {@code index}
   * @throws ConfigException if the configuration does not fit the inputs
   */
  Replica(Run run, ReplicaInputs inputs, NoisyTable table, int index) {
    this.run = run;
    this.config = run.config();
    this.replay = inputs.replay();
    this.table = table;
    this.index = index;
    this.split = inputs.split();
    this.order = replay.flatMap(Replay::batches).map(this::recorded).orElseGet(this::fresh);
    this.schedule = TrainerSetup.schedule(config);
    this.optimizer = TrainerSetup.optimizer(config);
    this.stepsPerEpoch = Math.ceilDiv(split.train().length, order.capacity());
    if (config.steps() > order.limit()) {
      throw new ConfigException(
          ConfigKey.STEPS.key(),
          config.steps() + " is not allowed: --replay holds " + order.limit() + " steps");
    }
  }

  private BatchOrder recorded(int[][] batches) {
    return BatchOrder.recorded(table.batches(index, batches), split.train().length);
  }

  private BatchOrder fresh() {
    int[] train = table.rows(index, split.train());
    if (config.batchSize().isEmpty()) {
      return BatchOrder.full(train);
    }
    RunConfig.requireBatchFits(config.batchSize().getAsInt(), train.length);
    return BatchOrder.shuffled(train, config.batchSize().getAsInt(), config.batchSeed());
  }

  /** Brings the replica of the engine to where this run starts or goes on. */
  void load(Trainer trainer) throws IOException {
    trainer.initialize(index, config.initSeed());
    Optional<Safetensors> init = replay.flatMap(Replay::init);
    if (init.isPresent()) {
      writeInitialWeights(trainer, init.get());
    }
    setSplits(trainer, evaluated());
    if (config.progressMeasures()) {
      probe = Optional.of(new Probe(config, split, table, index, trainer.tensors()));
    }
    if (run.resume() && Files.exists(run.folder().checkpoint())) {
      resume(trainer);
    }
  }

  private Split evaluated() {
    return config.evalRows().isPresent()
        ? split.evaluationSubset(config.evalRows().getAsInt(), config.splitSeed())
        : split;
  }

  private void setSplits(Trainer trainer, Split evaluated) {
    trainer.setSplit(index, TRAIN, table.rows(index, evaluated.train()));
    trainer.setSplit(index, VALIDATION, evaluated.validation());
  }

  /** Sets splits of at most so many rows; returns how many times as many are to be evaluated. */
  double sampleSplits(Trainer trainer, int rows) {
    Split whole = evaluated();
    Split sample = whole.evaluationSubset(rows, config.splitSeed());
    setSplits(trainer, sample);
    return (double) size(whole) / size(sample);
  }

  private static int size(Split split) {
    return split.train().length + split.validation().length;
  }

  private void writeInitialWeights(Trainer trainer, Safetensors init) {
    Path file = Replay.initFile(config.replay().orElseThrow());
    try {
      Weights.requireNoOthers(trainer, file, init.tensors());
      Weights.write(trainer, index, Buffer.PARAMETERS, "", file, init.tensors());
    } catch (FormatException e) {
      throw new ConfigException(ConfigKey.REPLAY.key(), e.getMessage());
    }
  }

  private void resume(Trainer trainer) throws IOException {
    Checkpoint checkpoint = Checkpoint.read(run.folder().checkpoint(), trainer, index, optimizer);
    resumed = true;
    step = checkpoint.step();
    secondsBefore = checkpoint.seconds();
    seconds = secondsBefore;
    if (step > config.steps()) {
      throw new ConfigException(
          ConfigKey.STEPS.key(),
          config.steps()
              + " is not allowed: the run in "
              + run.folder().path()
              + " has made "
              + step
              + " steps");
    }
    run.folder().readMetrics().stream().filter(row -> belongs(row.step())).forEach(rows::add);
    outcome = outcome();
  }

  /** Whether a row of an earlier session is one that the unbroken run would have. */
  private boolean belongs(long rowStep) {
    return rowStep <= step && isEvaluated(rowStep);
  }

  /** Refuses to write over another run. */
  void requireFreeFolder() throws IOException {
    if (isFresh() && run.folder().holdsRun()) {
      throw new FileAlreadyExistsException(
          run.folder().path().toString(), null, "a run is there already");
    }
  }

  /** Takes back what {@link #open} did to a folder that held no run. */
  void discard() throws IOException {
    close();
    run.folder().discard();
  }

  /** Opens the files. Those of an earlier session go back to the checkpoint. */
  void open(Map<String, ?> environment) throws IOException {
    RunFolder folder = run.folder();
    folder.create();
    if (run.trace().isPresent()) {
      trace = Optional.of(StepLog.open(run.trace().get(), step));
    }
    ConfigFile.write(folder.config(), config.toMap(), environment);
    List<String> measures = probe.map(Probe::names).orElse(List.of());
    metrics =
        Optional.of(
            resumed
                ? MetricsLog.resume(folder.metrics(), measures, this::belongs)
                : MetricsLog.create(folder.metrics(), measures));
    folder.clearResults();
  }

  /** Steps until something other than training is due. */
  long stepsToNextStop() {
    long stop =
        Math.min(
            config.steps(), Math.min(next(config.evalEvery()), next(config.checkpointEvery())));
    return Math.min(stop, config.snapshots().after(step).orElse(stop)) - step;
  }

  private long next(long every) {
    long periods = step / every + 1;
    return periods > Long.MAX_VALUE / every ? Long.MAX_VALUE : periods * every;
  }

  /** Takes note of the time that has passed in this session. */
  void clock(double sessionSeconds) {
    seconds = secondsBefore + sessionSeconds;
  }

  /** Takes note of steps made and their losses. */
  void advance(double[] losses, int count) throws IOException {
    if (trace.isPresent()) {
      for (int i = 0; i < count; i++) {
        trace.get().add(step + i + 1, losses[i]);
      }
      trace.get().flush();
    }
    step += count;
  }

  boolean isEvaluationDue() {
    return isEvaluated(step);
  }

  private boolean isEvaluated(long step) {
    return step > 0 && (step % config.evalEvery() == 0 || step == config.steps());
  }

  /** What an evaluation of this run measures beside losses; nothing if its file has no room. */
  Optional<Probe> probe() {
    return metrics.orElseThrow().measures().isEmpty() ? Optional.empty() : probe;
  }

  /** Writes down an evaluation. */
  MetricsRow record(Evaluation evaluation, Measures measures) throws IOException {
    MetricsRow row =
        new MetricsRow(
            step,
            step / stepsPerEpoch,
            evaluation.loss(index, TRAIN),
            evaluation.accuracy(index, TRAIN),
            evaluation.loss(index, VALIDATION),
            evaluation.accuracy(index, VALIDATION),
            schedule.rate(step - 1),
            evaluation.weightNorm(index),
            seconds,
            measures.select(metrics.orElseThrow().measures()));
    rows.add(row);
    metrics.orElseThrow().add(row);
    outcome = outcome();
    return row;
  }

  /**
   * How the run has ended, if it has. Decided by evaluations and the step alone, so that an
   * unbroken and a resumed run decide alike.
   */
  private Optional<Status> outcome() {
    if (!rows.isEmpty() && !isFinite(rows.getLast())) {
      return Optional.of(Status.DIVERGED);
    }
    if (config.until() == Until.GROK && hasGrokked()) {
      return Optional.of(Status.GROKKED);
    }
    return step == config.steps() ? Optional.of(Status.DONE) : Optional.empty();
  }

  private static boolean isFinite(MetricsRow row) {
    return Double.isFinite(row.trainLoss()) && Double.isFinite(row.validationLoss());
  }

  private boolean hasGrokked() {
    return rows.size() >= GROKKED_EVALUATIONS
        && rows.subList(rows.size() - GROKKED_EVALUATIONS, rows.size()).stream()
            .allMatch(row -> row.validationAccuracy() >= Summary.LEARNT);
  }

  boolean isCheckpointDue() {
    return step % config.checkpointEvery() == 0;
  }

  void checkpoint(Trainer trainer) throws IOException {
    Checkpoint.write(run.folder().checkpoint(), trainer, index, optimizer, seconds);
  }

  /** Keeps the parameters of this step, if they are to be kept. */
  void snapshot(Trainer trainer) throws IOException {
    if (config.snapshots().isDue(step)) {
      Files.createDirectories(run.folder().snapshots());
      writeWeights(trainer, run.folder().snapshot(step));
    }
  }

  private void writeWeights(Trainer trainer, Path file) throws IOException {
    Safetensors.write(
        file,
        Weights.read(trainer, index, Buffer.PARAMETERS, ""),
        Map.of("step", Long.toString(step)));
  }

  /** Writes what a run leaves at its end, the summary last. */
  Summary finish(Trainer trainer) throws IOException {
    checkpoint(trainer);
    writeWeights(trainer, run.folder().finalWeights());
    Summary summary = summary();
    summary.write(run.folder().summary());
    close();
    return summary;
  }

  Summary summary() {
    return Summary.of(outcome.orElse(Status.STOPPED), step, rows, seconds);
  }

  void close() throws IOException {
    if (metrics.isPresent()) {
      metrics.get().close();
      metrics = Optional.empty();
    }
    if (trace.isPresent()) {
      trace.get().close();
      trace = Optional.empty();
    }
  }

  /** Whether the run had ended before this session, files and all: nothing is left to do. */
  boolean isComplete() {
    return resumed && outcome.isPresent() && Files.exists(run.folder().summary());
  }

  boolean isTraining() {
    return outcome.isEmpty();
  }

  /** Whether the folder was without a run before. */
  boolean isFresh() {
    return !run.resume();
  }

  long step() {
    return step;
  }

  RunConfig config() {
    return config;
  }

  RunFolder folder() {
    return run.folder();
  }

  BatchOrder order() {
    return order;
  }

  Schedule schedule() {
    return schedule;
  }
}
