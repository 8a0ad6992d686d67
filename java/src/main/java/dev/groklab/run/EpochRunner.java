package dev.groklab.run;

import dev.groklab.engine.Buffer;
import dev.groklab.engine.Chunk;
import dev.groklab.engine.EngineInfo;
import dev.groklab.engine.Evaluation;
import dev.groklab.engine.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Trains the replicas of a trainer for epochs over their rows, whatever rows and models they are,
 * and leaves a folder of each: {@code config.yaml}, {@code metrics.csv} with a row per evaluation,
 * {@code summary.json}, {@code final.safetensors}. Replicas have as many steps in an epoch as each
 * other and advance together; one whose loss is no longer finite stops. Such runs cannot be
 * resumed.
 *
 * <p>{@link #run} trains, once, on the calling thread; {@link #stop} may be called from any other.
 */
public final class EpochRunner {

  private static final int TRAIN = 0;
  private static final int TEST = 1;
  private static final int SPLITS = 2;

  private final Trainer trainer;
  private final EngineInfo engine;
  private final List<EpochRun> runs;
  private final int stepsPerEpoch;
  private final long epochs;
  private final long evalEvery;
  private volatile boolean stopping;

  /**
   * Makes ready to train. The replicas' initial weights are the caller's business.
   *
   * @param trainer what trains; not closed here
   * @param engine what its engine is
   * @param runs one for each replica
   * @param epochs how often all training rows are used, at least 1
   * @param evalEvery epochs between evaluations, at least 1; the last epoch is evaluated too
   * @throws IllegalArgumentException if an argument is outside what is allowed, or the runs differ
   *     in the number of steps of an epoch
   */
  public EpochRunner(
      Trainer trainer, EngineInfo engine, List<EpochRun> runs, long epochs, long evalEvery) {
    if (runs.size() != trainer.replicas()) {
      throw new IllegalArgumentException(
          runs.size() + " runs for a trainer of " + trainer.replicas() + " replicas");
    }
    if (epochs < 1 || evalEvery < 1) {
      throw new IllegalArgumentException(
          epochs + " epochs, evaluated every " + evalEvery + "; at least 1 is needed");
    }
    this.trainer = trainer;
    this.engine = engine;
    this.runs = List.copyOf(runs);
    this.stepsPerEpoch = runs.getFirst().stepsPerEpoch();
    this.epochs = epochs;
    this.evalEvery = evalEvery;
    for (int r = 0; r < runs.size(); r++) {
      EpochRun run = runs.get(r);
      if (run.stepsPerEpoch() != stepsPerEpoch) {
        throw new IllegalArgumentException(
            run.stepsPerEpoch() + " and " + stepsPerEpoch + " steps in an epoch; they must agree");
      }
      trainer.setSplit(r, TRAIN, run.split().train());
      trainer.setSplit(r, TEST, run.split().validation());
    }
  }

  /**
   * Trains until the last epoch or {@link #stop}, and writes the files.
   *
   * @param listener is told how it goes
   * @return what became of each run, in their order
   * @throws IOException if a file cannot be written
   */
  public List<Summary> run(EpochListener listener) throws IOException {
    List<Member> members = new ArrayList<>();
    try {
      open(members);
      new Session(listener, members).train();
      List<Summary> summaries = new ArrayList<>();
      for (Member member : members) {
        summaries.add(member.summary);
      }
      return summaries;
    } finally {
      for (Member member : members) {
        member.metrics.close();
      }
    }
  }

  /** Opens the files of all runs; if one cannot be opened, nothing of any is left behind. */
  private void open(List<Member> members) throws IOException {
    List<RunFolder> begun = new ArrayList<>();
    try {
      Map<String, Object> environment = Environment.of(engine);
      for (EpochRun run : runs) {
        Files.createDirectories(run.folder().path());
        begun.add(run.folder());
        ConfigFile.write(run.folder().config(), run.settings(), environment);
        members.add(new Member(run, MetricsLog.create(run.folder().metrics(), List.of())));
      }
    } catch (IOException e) {
      for (RunFolder folder : begun) {
        folder.discard();
      }
      throw e;
    }
  }

  /** Ends training after the present chunk, within about a second. May be called at any time. */
  public void stop() {
    stopping = true;
  }

  /** A replica with its files. */
  private static final class Member {
    private final EpochRun run;
    private final MetricsLog metrics;
    private final List<MetricsRow> rows = new ArrayList<>();
    private Summary summary; // once it is done with

    Member(EpochRun run, MetricsLog metrics) {
      this.run = run;
      this.metrics = metrics;
    }

    boolean isTraining() {
      return summary == null;
    }
  }

  /** One call of {@link EpochRunner#run}. */
  private final class Session {
    private final EpochListener listener;
    private final List<Member> members;
    private final long start = System.nanoTime();
    private final int capacity =
        runs.stream().mapToInt(run -> run.order().capacity()).max().orElseThrow();
    private final ChunkSize size = new ChunkSize(runs.size(), capacity);
    private final int[] rows = new int[capacity];
    private final long steps = epochs * stepsPerEpoch;
    private final long evalSteps = evalEvery * stepsPerEpoch;
    private long step;

    Session(EpochListener listener, List<Member> members) {
      this.listener = listener;
      this.members = members;
    }

    void train() throws IOException {
      try (Chunk chunk = trainer.chunk(size.limit(), capacity)) {
        while (step < steps && !stopping && training() > 0) {
          train(chunk);
          if (step % evalSteps == 0 || step == steps) {
            evaluate();
          }
          listener.progressed(new RunListener.Progress(step, steps, training(), step / seconds()));
        }
      }
      for (int r = 0; r < members.size(); r++) {
        if (members.get(r).isTraining()) {
          finish(r, step == steps ? Status.DONE : Status.STOPPED);
        }
      }
    }

    private int training() {
      return (int) members.stream().filter(Member::isTraining).count();
    }

    /** Makes the next steps, up to the next evaluation. */
    private void train(Chunk chunk) {
      long untilDue = Math.min(evalSteps - step % evalSteps, steps - step);
      int count = (int) Math.min(size.steps(), untilDue);
      chunk.clear();
      chunk.steps(count);
      for (int r = 0; r < members.size(); r++) {
        chunk.setActive(r, members.get(r).isTraining());
        if (members.get(r).isTraining()) {
          EpochRun run = runs.get(r);
          for (int s = 0; s < count; s++) {
            int batch = run.order().rows(step + s, rows);
            chunk.batch(r, s, rows, 0, batch, run.learningRate());
          }
        }
      }
      long before = System.nanoTime();
      trainer.run(chunk);
      size.measured(count, 1e-9 * (System.nanoTime() - before));
      step += count;
    }

    private void evaluate() throws IOException {
      boolean[] active = new boolean[members.size()];
      for (int r = 0; r < active.length; r++) {
        active[r] = members.get(r).isTraining();
      }
      Evaluation evaluation = trainer.evaluate(SPLITS, active);
      for (int r = 0; r < active.length; r++) {
        if (!active[r]) {
          continue;
        }
        MetricsRow row =
            new MetricsRow(
                step,
                (double) step / stepsPerEpoch,
                evaluation.loss(r, TRAIN),
                evaluation.accuracy(r, TRAIN),
                evaluation.loss(r, TEST),
                evaluation.accuracy(r, TEST),
                runs.get(r).learningRate(),
                evaluation.weightNorm(r),
                seconds());
        members.get(r).rows.add(row);
        members.get(r).metrics.add(row);
        listener.evaluated(r, row);
        if (!Double.isFinite(row.trainLoss()) || !Double.isFinite(row.validationLoss())) {
          finish(r, Status.DIVERGED);
        }
      }
    }

    /** Writes what a run leaves at its end, the summary last. */
    private void finish(int r, Status status) throws IOException {
      Member member = members.get(r);
      RunFolder folder = member.run.folder();
      Safetensors.write(
          folder.finalWeights(),
          Weights.read(trainer, r, Buffer.PARAMETERS, ""),
          Map.of("step", Long.toString(step)));
      Summary summary = Summary.of(status, step, member.rows, seconds());
      summary.write(folder.summary());
      member.summary = summary;
      listener.finished(r, summary);
    }

    private double seconds() {
      return 1e-9 * (System.nanoTime() - start);
    }
  }
}
