package dev.groklab.experiments.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.Peak;
import dev.groklab.run.RunConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An engine for each number of threads, and what it reaches at most. */
final class Engines implements AutoCloseable {

  // What a measurement of the peak may take.
  private static final double LEAST_SECONDS = 0.001;
  private static final double MOST_SECONDS = 10;

  private final Map<Integer, Engine> engines = new LinkedHashMap<>(); // by threads in use
  private final Map<Integer, Engine> asked = new LinkedHashMap<>(); // … and as asked for
  private final Map<Integer, Peak> peaks = new LinkedHashMap<>(); // by threads in use
  private final RunConfig config;

  /** Opens the engines of some cells; those that come out with as many threads are one. */
  Engines(List<Cell> cells) {
    config = cells.getFirst().first();
    try {
      cells.forEach(cell -> asked.computeIfAbsent(cell.threads(), this::open));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Engine open(int threads) {
    Engine engine = Engine.open(new EngineOptions(config.backend(), threads));
    Engine same = engines.putIfAbsent(engine.info().threads(), engine);
    if (same == null) {
      return engine;
    }
    engine.close();
    return same;
  }

  Engine first() {
    return engines.values().iterator().next();
  }

  Engine of(Cell cell) {
    return asked.get(cell.threads());
  }

  Peak peak(Cell cell) {
    return peaks.get(of(cell).info().threads());
  }

  /** The cells, without those that differ from one before by nothing but how all is spelt. */
  List<Cell> distinct(List<Cell> cells) {
    Map<List<Object>, Cell> distinct = new LinkedHashMap<>();
    for (Cell cell : cells) {
      RunConfig one = cell.first();
      distinct.putIfAbsent(
          List.of(one.model(), one.p(), cell.batch(), cell.replicas(), of(cell).info().threads()),
          cell);
    }
    return List.copyOf(distinct.values());
  }

  /** Measures and prints what bounds every computation. */
  void measurePeaks(double seconds, Page page, ArrayNode json) {
    page.heading("Peak");
    page.paragraph(
        "What all threads together reach at most: independent fused multiply-adds in registers, two"
            + " operations each; and y += s·x over arrays far larger than the caches.");
    MarkdownTable table =
        new MarkdownTable(
            List.of(
                MarkdownTable.Column.number("threads", 7),
                MarkdownTable.Column.number("GFLOP/s, " + precision(), 15),
                MarkdownTable.Column.number("GB/s", 8)),
            page::line);
    engines.forEach(
        (threads, engine) -> {
          long nanos = (long) (Math.clamp(seconds, LEAST_SECONDS, MOST_SECONDS) * 1e9);
          Peak peak = engine.measurePeak(config.precision(), Duration.ofNanos(nanos));
          peaks.put(threads, peak);
          table.line(
              List.of(
                  threads.toString(),
                  Numbers.three(peak.flops() / 1e9),
                  Numbers.three(peak.bytesPerSecond() / 1e9)));
          json.addObject()
              .put("threads", threads)
              .put("flops", peak.flops())
              .put("bytes_per_second", peak.bytesPerSecond());
        });
    page.line("");
  }

  private String precision() {
    return config.precision().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    engines.values().forEach(Engine::close);
  }
}
