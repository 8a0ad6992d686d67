package dev.groklab.experiments.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.groklab.engine.Engine;
import dev.groklab.experiments.Version;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.run.AtomicFile;
import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code groklab bench}: speed on this machine, as a table. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "Measure how fast this machine trains.",
    description = {
      "Prints what the machine reaches at most, and for the report's models the time of a training"
          + " step and how near it comes to the least that the arithmetic takes. With --peers, the"
          + " same steps in other frameworks beside ours. LIST is one value or several, separated"
          + " by commas. Nothing else should run meanwhile.%n"
    })
public final class BenchCommand implements Callable<Integer> {

  private static final int STOPPED = 130; // 128 + SIGINT
  private static final int SWEEP_REPLICAS = 32;
  private static final double QUICK_SECONDS = 0.3;
  private static final double SECONDS = 1;
  private static final String PEERS = "peers";
  private static final String SWEEP = "sweep-peer";
  private static final String SCALING = "scaling";
  private static final String ALL_PEERS = Comparisons.PYTORCH + "," + Comparisons.DJL;

  private final Consumer<Runnable> stopBy;
  private volatile boolean stopped;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "LIST",
      description = "Models: transformer, mlp, lstm (default: all three).")
  private String models;

  @Option(names = "--p", paramLabel = "LIST", description = "Moduli (default: 97,41).")
  private String moduli;

  @Option(
      names = "--batch",
      paramLabel = "LIST",
      description = "Rows of a batch, or 'full' (default: 256,full).")
  private String batches;

  @Option(
      names = "--threads",
      paramLabel = "LIST",
      description = "CPU threads, or 'all' (default: 1,all).")
  private String threads;

  @Option(
      names = "--replicas",
      paramLabel = "LIST",
      description = "Replicas trained together (default: 1,2,8,32).")
  private String replicas;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda, naive or check (default: auto).")
  private String backend;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      defaultValue = "fp32",
      description = "fp32 or fp64 (default: fp32).")
  private String precision;

  @Option(
      names = "--seconds",
      paramLabel = "X",
      description =
          "Seconds to spend on a line of the table, or on a block of a comparison; at least one"
              + " step is made (default: 1).")
  private Double seconds;

  @Option(
      names = "--quick",
      description =
          "Where nothing else is said: p = 97, batch 256, all threads, 1 and 8 replicas, 0.3 s.")
  private boolean quick;

  @Option(
      names = "--peers",
      paramLabel = "LIST",
      arity = "0..1",
      fallbackValue = ALL_PEERS,
      description =
          "Compare one replica with the same work in pytorch and djl (default: both) instead; p ="
              + " 97 and batch 256 where nothing else is said. DJL is built by Maven at first.")
  private String peers;

  @Option(
      names = "--sweep-peer",
      description =
          "Compare the most replicas selected (default: 32) of the Transformer with one PyTorch"
              + " process per processor.")
  private boolean sweep;

  @Option(
      names = "--scaling",
      paramLabel = "FILE.svg",
      description =
          "Measure instead how costs grow with p, batch, width, summands, layers and replicas, on"
              + " all threads, and draw it; a PNG goes beside it.")
  private Path scaling;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "7",
      description = "Blocks of each side in a comparison (default: 7).")
  private String rounds;

  @Option(
      names = "--python",
      paramLabel = "CMD",
      defaultValue = "python3",
      description = "A Python that has torch, numpy and safetensors (default: python3).")
  private String python;

  @Option(
      names = "--out",
      paramLabel = "FILE.md",
      description = "Write what is printed as a Markdown page.")
  private Path out;

  @Option(names = "--json", paramLabel = "FILE", description = "Write all numbers as JSON.")
  private Path json;

  /**
   * The command.
   *
   * @param stopBy is told how to stop it early
   */
  public BenchCommand(Consumer<Runnable> stopBy) {
    this.stopBy = stopBy;
  }

  @Override
  public Integer call() throws IOException {
    double spend = seconds();
    int times = BenchRequest.number("rounds", rounds, 1, 1000);
    List<Cell> cells = request().cells();
    List<String> wanted = wantedPeers();
    requireComparable();
    requireWritable(SCALING, scaling);
    requireDrawable();
    requireWritable("out", out);
    requireWritable("json", json);
    Optional<Path> folder =
        isComparison() ? Optional.of(Repository.peers(option())) : Optional.empty();

    stopBy.accept(() -> stopped = true);
    Page page = new Page(spec.commandLine().getOut());
    ObjectNode report = JsonMapper.builder().build().createObjectNode();
    boolean agree = true;
    try (Engines engines = new Engines(cells)) {
      List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
      Machine machine = Machine.of(engines.first().info(), arguments);
      machine.print(page);
      machine.write(report.putObject("machine"));
      if (folder.isPresent()) {
        Comparisons comparisons =
            new Comparisons(engines, folder.get(), python, times, spend, () -> stopped);
        if (peers != null) {
          agree = comparisons.steps(cells, wanted, page, report);
        }
        if (sweep && !stopped) {
          comparisons.sweep(cells, page, report);
        }
      } else if (scaling != null) {
        engines.measurePeaks(spend, page, report.putArray("peaks"));
        drawScaling(engines, cells.getFirst(), spend, page, report);
      } else {
        engines.measurePeaks(spend, page, report.putArray("peaks"));
        new StepTable(engines, spend, () -> stopped)
            .print(engines.distinct(cells), page, report.putArray("cells"));
      }
    }
    if (stopped) {
      return STOPPED;
    }
    write(page, report);
    return agree ? 0 : 1;
  }

  private void drawScaling(Engines engines, Cell cell, double spend, Page page, ObjectNode report)
      throws IOException {
    Engine engine = engines.of(cell);
    Scaling measurement = new Scaling(engine, engines.peak(cell), spend, () -> stopped);
    List<Scaling.Line> lines = measurement.measure(Scale.all(backend, precision), page);
    if (stopped) {
      return;
    }
    CostModel model = Scaling.model(lines);
    measurement.print(lines, model, page, report.putArray("scaling"));
    ScalingPicture.of(
            lines,
            model,
            "A training step on "
                + engine.info().device()
                + ", "
                + engine.info().threads()
                + " threads")
        .write(scaling, pngBeside(scaling));
  }

  private static Path pngBeside(Path svg) {
    return svg.resolveSibling(svg.getFileName().toString().replaceFirst("\\.svg$", "") + ".png");
  }

  private void requireDrawable() {
    if (scaling == null) {
      return;
    }
    if (models != null || moduli != null || batches != null || replicas != null) {
      throw new ConfigException(
          SCALING,
          "is not allowed with --model, --p, --batch or --replicas: it varies them itself");
    }
    if (threads != null && threads.contains(",")) {
      throw new ConfigException(
          "threads", "'" + threads + "' is not allowed with --scaling: one number is needed");
    }
    if (isComparison()) {
      throw new ConfigException(SCALING, "is not allowed with --" + option());
    }
    if (!scaling.toString().endsWith(".svg")) {
      throw new ConfigException(SCALING, "'" + scaling + "' is not allowed: must end in .svg");
    }
    Picture.obstacle()
        .ifPresent(
            missing -> {
              throw new ConfigException(SCALING, "cannot draw: " + missing);
            });
  }

  private boolean isComparison() {
    return peers != null || sweep;
  }

  private String option() {
    return peers != null ? PEERS : SWEEP;
  }

  private double seconds() {
    if (seconds != null && !(seconds > 0 && seconds <= 3600)) {
      throw new ConfigException(
          "seconds", seconds + " is not allowed: must be above 0 and at most 3600");
    }
    return seconds != null ? seconds : quick ? QUICK_SECONDS : SECONDS;
  }

  private BenchRequest request() {
    boolean few = quick || isComparison();
    return new BenchRequest(
        list("model", models, "transformer,mlp,lstm"),
        list("p", moduli, few ? "97" : "97,41"),
        list(BenchRequest.BATCH, batches, few ? "256" : "256,full"),
        list(
            "threads",
            threads,
            quick || scaling != null || (sweep && peers == null) ? "all" : "1,all"),
        BenchRequest.splitReplicas(
            replicas != null ? replicas : quick ? "1,8" : sweep ? "" + SWEEP_REPLICAS : "1,2,8,32"),
        isComparison() && backend.equals("auto") ? "cpu" : backend,
        precision);
  }

  private static List<String> list(String option, String given, String otherwise) {
    return BenchRequest.split(option, given != null ? given : otherwise);
  }

  private List<String> wantedPeers() {
    if (peers == null) {
      return List.of();
    }
    List<String> known = List.of(ALL_PEERS.split(",", -1));
    List<String> wanted = BenchRequest.split(PEERS, peers);
    for (String peer : wanted) {
      if (!known.contains(peer)) {
        throw new ConfigException(
            PEERS, "'" + peer + "' is not known; choose " + String.join(" or ", known));
      }
    }
    return wanted;
  }

  /** The peers compute in float32 on the CPU. */
  private void requireComparable() {
    if (!isComparison()) {
      return;
    }
    if (!List.of("auto", "cpu").contains(backend)) {
      throw new ConfigException(
          ConfigKey.BACKEND.key(),
          "'" + backend + "' is not allowed with --" + option() + ": peers compute on the CPU");
    }
    if (!precision.equals("fp32")) {
      throw new ConfigException(
          ConfigKey.PRECISION.key(),
          "'" + precision + "' is not allowed with --" + option() + ": peers compute in fp32");
    }
  }

  private static void requireWritable(String option, Path file) {
    if (file == null) {
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || folder == null || !Files.isDirectory(folder)) {
      throw new ConfigException(
          option, file + ": is no file in a folder that there is, so it cannot be written");
    }
  }

  private void write(Page page, ObjectNode report) throws IOException {
    if (out != null) {
      AtomicFile.writeText(out, page.text());
    }
    if (json != null) {
      AtomicFile.writeText(json, report.toPrettyString() + "\n");
    }
  }
}
