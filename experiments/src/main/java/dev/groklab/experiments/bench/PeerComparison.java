package dev.groklab.experiments.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.groklab.engine.Engine;
import dev.groklab.experiments.bench.MarkdownTable.Column;
import dev.groklab.run.RunConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * The same training steps in the engine and in other frameworks, in blocks that alternate: each
 * side has a process of its own and works while the others wait, so that a machine that changes its
 * pace changes that of all.
 */
final class PeerComparison {

  private static final long PAUSE = 100; // milliseconds in which waiting threads go to sleep

  private static final List<Column> COLUMNS =
      List.of(
          Column.text("side", 31),
          Column.number("a step, ms", 24),
          Column.number("its time ÷ ours", 22),
          Column.number("losses differ", 13),
          Column.text("version", 50));

  private final List<Peer> peers;
  private final int rounds;
  private final double seconds;
  private final BooleanSupplier stopped;

  PeerComparison(List<Peer> peers, int rounds, double seconds, BooleanSupplier stopped) {
    this.peers = peers;
    this.rounds = rounds;
    this.seconds = seconds;
    this.stopped = stopped;
  }

  static void introduce(Page page, int rounds) {
    page.heading("Peers");
    page.paragraph(
        "The same weights, batches and steps in float32. The first "
            + Losses.COUNT
            + " losses must agree to "
            + Losses.TOLERANCE
            + " (relative). Then "
            + rounds
            + " rounds, in each a block of every side; the ratio is a round's, its median and its"
            + " range are those of all rounds. Above 1 we are faster.");
  }

  /** Whether every peer computed the same. */
  boolean compare(Engine engine, Cell cell, Page page, ArrayNode json) throws IOException {
    RunConfig config = cell.first();
    int threads = engine.info().threads();
    String what =
        String.format(
            Locale.ROOT,
            "%s, p = %d, batch %s, %d %s",
            config.model(),
            config.p(),
            cell.batch(),
            threads,
            threads == 1 ? "thread" : "threads");
    page.paragraph("### " + what);
    List<Contestant> contestants = new ArrayList<>();
    ObjectNode node =
        json.addObject()
            .put("model", config.model())
            .put("p", config.p())
            .put("batch", cell.batch())
            .put("threads", threads);
    try (Workload work = Workload.open(engine, cell);
        Inputs inputs = Inputs.of(work)) {
      double[] ours = work.losses(Losses.COUNT);
      ArrayNode absent = node.putArray("left_out");
      for (Peer peer : peers) {
        if (stopped.getAsBoolean()) {
          return true;
        }
        page.progress("starting " + peer.label());
        try {
          contestants.add(Contestant.start(peer, config, threads, inputs.folder(), ours, seconds));
        } catch (PeerFailure e) {
          leaveOut(peer, e, page, absent);
        }
      }
      List<Double> engineSeconds = rounds(work, contestants, page, absent);
      if (!engineSeconds.isEmpty()) {
        print(engineSeconds, contestants, page, node);
      }
      return contestants.stream().allMatch(Contestant::agrees);
    } finally {
      contestants.forEach(Contestant::close);
    }
  }

  private static void leaveOut(Peer peer, PeerFailure failure, Page page, ArrayNode absent) {
    page.paragraph("Left out: " + peer.label() + ": " + failure.getMessage());
    absent.addObject().put("peer", peer.label()).put("reason", failure.getMessage());
  }

  /** Seconds of our steps in each round; a peer that fails meanwhile is removed. */
  private List<Double> rounds(
      Workload work, List<Contestant> contestants, Page page, ArrayNode absent) {
    int steps = Contestant.steps(seconds, work.run(1));
    steps = Contestant.steps(seconds, work.run(steps) / steps);
    List<Double> ours = new ArrayList<>();
    for (int round = 0; round < rounds && !stopped.getAsBoolean(); round++) {
      // The order alternates as well: no side always runs on the cooler processor.
      if (round % 2 == 0) {
        ours.add(ourBlock(work, steps));
      }
      for (Iterator<Contestant> each = contestants.iterator(); each.hasNext(); ) {
        Contestant contestant = each.next();
        try {
          pause();
          contestant.round();
        } catch (PeerFailure e) {
          leaveOut(contestant.peer(), e, page, absent);
          contestant.close();
          each.remove();
        }
      }
      if (round % 2 == 1) {
        ours.add(ourBlock(work, steps));
      }
      progress(round, ours.getLast(), contestants, page);
    }
    return ours;
  }

  private static double ourBlock(Workload work, int steps) {
    pause();
    return work.run(steps) / steps;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void progress(int round, double ours, List<Contestant> contestants, Page page) {
    StringBuilder line =
        new StringBuilder("round " + (round + 1) + ": ours " + Numbers.milliseconds(ours) + " ms");
    for (Contestant contestant : contestants) {
      line.append("; ")
          .append(contestant.peer().label())
          .append(' ')
          .append(Numbers.milliseconds(contestant.seconds().getLast()))
          .append(" ms");
    }
    page.progress(line.toString());
  }

  private static void print(
      List<Double> ours, List<Contestant> contestants, Page page, ObjectNode node) {
    MarkdownTable table = new MarkdownTable(COLUMNS, page::line);
    Timing own = new Timing(ours, 1);
    table.line(List.of("Groklab", inMilliseconds(own), "1", "", ""));
    write(node.putObject("groklab"), own);
    ArrayNode all = node.putArray("peers");
    for (Contestant contestant : contestants) {
      Timing time = new Timing(contestant.seconds(), 1);
      Timing ratio =
          new Timing(
              IntStream.range(0, ours.size())
                  .mapToObj(i -> contestant.seconds().get(i) / ours.get(i))
                  .toList(),
              1);
      String difference = String.format(Locale.ROOT, "%.1e", contestant.difference());
      table.line(
          List.of(
              contestant.peer().label(),
              inMilliseconds(time),
              contestant.agrees()
                  ? Numbers.withRange(ratio.median(), ratio.least(), ratio.most())
                  : "not the same work",
              difference,
              contestant.version()));
      ObjectNode one = all.addObject();
      one.put("peer", contestant.peer().label())
          .put("version", contestant.version())
          .put("loss_difference", contestant.difference())
          .put("agrees", contestant.agrees());
      write(one, time);
      one.put("ratio", ratio.median())
          .put("ratio_least", ratio.least())
          .put("ratio_most", ratio.most());
    }
    page.line("");
  }

  private static String inMilliseconds(Timing timing) {
    return Numbers.withRange(timing.median() * 1e3, timing.least() * 1e3, timing.most() * 1e3);
  }

  private static void write(ObjectNode node, Timing timing) {
    node.put("step_seconds", timing.median())
        .put("step_seconds_least", timing.least())
        .put("step_seconds_most", timing.most());
  }
}
