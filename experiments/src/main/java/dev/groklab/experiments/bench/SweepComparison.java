package dev.groklab.experiments.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.groklab.engine.Engine;
import dev.groklab.experiments.bench.MarkdownTable.Column;
import dev.groklab.run.RunConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Many runs at once: the engine's replicas on all threads against what a user of PyTorch does who
 * has as many runs to make, one process with one thread for each processor.
 */
final class SweepComparison {

  private static final List<Column> COLUMNS =
      List.of(
          Column.text("side", 40),
          Column.number("run-steps/s", 24),
          Column.number("ours ÷ its", 22));

  private final Peer peer;
  private final int rounds;
  private final double seconds;
  private final BooleanSupplier stopped;

  SweepComparison(Peer peer, int rounds, double seconds, BooleanSupplier stopped) {
    this.peer = peer;
    this.rounds = rounds;
    this.seconds = seconds;
    this.stopped = stopped;
  }

  /**
   * Measures and prints.
   *
   * @param cell what all train; its replicas are ours
   */
  void compare(Engine engine, Cell cell, Page page, ObjectNode json) throws IOException {
    page.heading("A sweep");
    int processes = engine.info().threads();
    RunConfig config = cell.first();
    page.paragraph(
        String.join(
            "",
            cell.toString(),
            " in the engine on ",
            Integer.toString(processes),
            " threads, against as many processes of ",
            peer.label(),
            " at the same time, each with one thread and a run of its own. Blocks alternate, ",
            Integer.toString(rounds),
            " rounds; run-steps a second of all processes are added up."));
    List<PeerProcess> all = new ArrayList<>();
    try (Workload work = Workload.open(engine, cell);
        Inputs inputs = Inputs.of(work)) {
      page.progress("starting " + processes + " processes");
      for (int i = 0; i < processes; i++) {
        all.add(peer.start(config, 1, inputs.folder()));
      }
      List<String> versions = new ArrayList<>();
      for (PeerProcess process : all) {
        versions.add(process.awaitReady());
      }
      measure(work, all, versions, page, json);
    } catch (PeerFailure e) {
      page.paragraph("Left out: " + peer.label() + ": " + e.getMessage());
      json.put("left_out", e.getMessage());
    } finally {
      all.forEach(PeerProcess::close);
    }
  }

  private void measure(
      Workload work, List<PeerProcess> all, List<String> versions, Page page, ObjectNode json)
      throws PeerFailure {
    int ourSteps = Contestant.steps(seconds, work.run(1));
    int[] steps = new int[all.size()];
    Arrays.fill(steps, 1);
    for (int trial = 0; trial < 2; trial++) {
      double[] step = together(all, steps);
      for (int i = 0; i < steps.length; i++) {
        steps[i] = Contestant.steps(seconds, step[i]);
      }
    }
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    for (int round = 0; round < rounds && !stopped.getAsBoolean(); round++) {
      ours.add(work.replicas() * ourSteps / work.run(ourSteps));
      double rate = 0;
      for (double step : together(all, steps)) {
        rate += 1 / step;
      }
      theirs.add(rate);
      page.progress(
          "round "
              + (round + 1)
              + ": ours "
              + Numbers.three(ours.getLast())
              + ", theirs "
              + Numbers.three(rate)
              + " run-steps/s");
    }
    if (!ours.isEmpty()) {
      print(work.replicas(), ours, theirs, versions, page, json);
    }
  }

  /** Seconds of a step of each, all working at the same time. */
  private static double[] together(List<PeerProcess> all, int[] steps) throws PeerFailure {
    double[] seconds = new double[steps.length];
    for (int i = 0; i < steps.length; i++) {
      all.get(i).begin(steps[i]);
    }
    for (int i = 0; i < steps.length; i++) {
      seconds[i] = all.get(i).end() / steps[i];
    }
    return seconds;
  }

  private void print(
      int replicas,
      List<Double> ours,
      List<Double> theirs,
      List<String> versions,
      Page page,
      ObjectNode json) {
    MarkdownTable table = new MarkdownTable(COLUMNS, page::line);
    Timing own = new Timing(ours, 1);
    Timing other = new Timing(theirs, 1);
    Timing ratio =
        new Timing(
            IntStream.range(0, ours.size()).mapToObj(i -> ours.get(i) / theirs.get(i)).toList(), 1);
    table.line(List.of("Groklab, " + replicas + " replicas", range(own), "1"));
    table.line(List.of(versions.size() + " × " + peer.label(), range(other), range(ratio)));
    page.line("");
    page.paragraph(String.join("; ", versions.stream().distinct().toList()));
    json.put("replicas", replicas)
        .put("processes", versions.size())
        .put("run_steps_per_second", own.median())
        .put("peer_run_steps_per_second", other.median())
        .put("ratio", ratio.median())
        .put("ratio_least", ratio.least())
        .put("ratio_most", ratio.most())
        .put("version", String.join("; ", versions.stream().distinct().toList()));
  }

  private static String range(Timing values) {
    return Numbers.withRange(values.median(), values.least(), values.most());
  }
}
