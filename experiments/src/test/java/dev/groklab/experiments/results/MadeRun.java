package dev.groklab.experiments.results;

import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.ConfigFile;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A run folder whose course is chosen: files as a run leaves them, so that what is made of them is
 * known beforehand.
 *
 * @param settings of the run, over the defaults
 * @param fits step from which on training is learnt
 * @param generalizes step from which on validation is learnt, empty: never
 * @param fallsBack whether validation is lost for an evaluation, a thousand steps later
 * @param circuit whether a circuit is measured, and the step from which on it answers all; the
 *     training loss rests on it from half as many steps on
 */
public record MadeRun(
    Map<String, Object> settings,
    long fits,
    OptionalLong generalizes,
    boolean fallsBack,
    OptionalLong circuit) {

  /** Steps that all runs make. */
  public static final long STEPS = 20_000;

  private static final long EVERY = 100;

  /** A run that gets there. */
  public static MadeRun generalizing(Map<String, Object> settings, long fits, long generalizes) {
    return new MadeRun(settings, fits, OptionalLong.of(generalizes), false, OptionalLong.empty());
  }

  /** A run that does not. */
  public static MadeRun never(Map<String, Object> settings, long fits) {
    return new MadeRun(settings, fits, OptionalLong.empty(), false, OptionalLong.empty());
  }

  /** The same with another setting. */
  public MadeRun with(String key, Object value) {
    Map<String, Object> changed = new LinkedHashMap<>(settings);
    changed.put(key, value);
    return new MadeRun(changed, fits, generalizes, fallsBack, circuit);
  }

  /** The same, but what it has learnt is lost for a moment. */
  public MadeRun fallingBack() {
    return new MadeRun(settings, fits, generalizes, true, circuit);
  }

  /** The same with a circuit that answers all from a step on, which may never come. */
  public MadeRun withCircuit(long step) {
    return new MadeRun(settings, fits, generalizes, fallsBack, OptionalLong.of(step));
  }

  /** Writes and reads it. */
  public RunRecord read(Path folder) throws IOException {
    return RunRecord.read(write(folder));
  }

  /** Writes its folder. */
  public RunFolder write(Path path) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("p", 41);
    all.put("steps", STEPS);
    all.putAll(settings);
    Files.createDirectories(path);
    RunFolder folder = new RunFolder(path);
    ConfigFile.write(
        folder.config(),
        RunConfig.of(all).toMap(),
        Map.of("groklab", "0.1.0", "device", "a processor", "threads", 2));
    StringBuilder csv =
        new StringBuilder(
            "step,epoch,train_loss,train_accuracy,val_loss,val_accuracy,learning_rate,"
                + "weight_norm,seconds"
                + (circuit.isPresent() ? ",restricted_accuracy,excluded_loss" : "")
                + "\n");
    for (long step = EVERY; step <= STEPS; step += EVERY) {
      double train = accuracy(step, fits);
      double validation =
          generalizes.isPresent() ? accuracy(step, generalizes.getAsLong()) : 0.2 * train;
      if (fallsBack && step == generalizes.orElseThrow() + 1000) {
        validation = 0.5;
      }
      csv.append(
          String.format(
              Locale.ROOT,
              "%d,%s,%s,%s,%s,%s,0.0005,40.0,%s%s%n",
              step,
              step / 5.0,
              loss(train),
              train,
              loss(validation),
              validation,
              step / 100.0,
              circuit.isPresent() ? measures(step, loss(train)) : ""));
    }
    Files.writeString(folder.metrics(), csv.toString());
    Summary.of(Status.DONE, STEPS, folder.readMetrics(), 200.5).write(folder.summary());
    return folder;
  }

  private String measures(long step, double trainLoss) {
    long formed = circuit.getAsLong();
    return "," + accuracy(step, formed) + "," + (2 * step >= formed ? trainLoss + 1 : trainLoss);
  }

  /** Rises as a power of the step and is learnt exactly from {@code learnt} on. */
  private static double accuracy(long step, long learnt) {
    return step >= learnt ? 1 : 0.98 * Math.pow((double) step / learnt, 2);
  }

  private static double loss(double accuracy) {
    return 4 * Math.pow(1.001 - accuracy, 2) + 1e-5;
  }
}
