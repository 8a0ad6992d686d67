package dev.groklab.experiments.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.groklab.engine.Engine;
import dev.groklab.experiments.bench.MarkdownTable.Column;
import dev.groklab.run.RunConfig;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The engine's own table: a line for each cell. */
final class StepTable {

  private static final List<Column> COLUMNS =
      List.of(
          Column.text("model", 11),
          Column.number("p", 3),
          Column.number("batch", 5),
          Column.number("threads", 7),
          Column.number("replicas", 8),
          Column.number("step, ms", 24),
          Column.number("run-steps/s", 11),
          Column.number("GFLOP/s", 7),
          Column.number("of floor", 8),
          Column.number("MiB", 6),
          Column.number("steps", 6));

  private final Engines engines;
  private final double seconds;
  private final BooleanSupplier stopped;

  StepTable(Engines engines, double seconds, BooleanSupplier stopped) {
    this.engines = engines;
    this.seconds = seconds;
    this.stopped = stopped;
  }

  /** Measures and prints cells until told to stop. */
  void print(List<Cell> cells, Page page, ArrayNode json) {
    page.heading("Training steps");
    page.paragraph(
        "A step is one of all replicas together: forward, backward, AdamW, each replica on a batch"
            + " of its own; median over blocks, and their range. A run-step is one step of one"
            + " replica. GFLOP/s count each distinct multiply-add of the matrix products as two"
            + " operations, and once; the floor is the time that they take at the peak above, and"
            + " its share of the step says how near the step comes. MiB is what the engine holds"
            + " for it.");
    MarkdownTable table = new MarkdownTable(COLUMNS, page::line);
    boolean few = false;
    for (Cell cell : cells) {
      if (stopped.getAsBoolean()) {
        return;
      }
      few |= line(cell, table, json);
    }
    page.line("");
    if (few) {
      page.paragraph(
          "* measured by fewer than "
              + Timing.MANY
              + " steps, since one takes long; where the floor alone is longer than the time for a"
              + " line, nothing was done to warm up.");
    }
  }

  /** Whether it was measured by few steps. */
  private boolean line(Cell cell, MarkdownTable table, ArrayNode json) {
    Engine engine = engines.of(cell);
    try (Workload work = Workload.open(engine, cell)) {
      double flops = work.flops();
      double floor = flops / engines.peak(cell).flops();
      Timing timing = Timing.measure(work::run, seconds, floor, stopped);
      double step = timing.median();
      long bytes = work.memoryBytes();
      RunConfig config = cell.first();
      table.line(
          List.of(
              config.model(),
              Integer.toString(config.p()),
              cell.batch(),
              Integer.toString(engine.info().threads()),
              Integer.toString(cell.replicas()),
              Numbers.withRange(step * 1e3, timing.least() * 1e3, timing.most() * 1e3),
              Numbers.three(cell.replicas() / step),
              Numbers.three(flops / step / 1e9),
              Numbers.percent(floor / step),
              Numbers.three(bytes / (double) (1 << 20)),
              timing.steps() + (timing.isByFewSteps() ? "*" : "")));
      json.addObject()
          .put("model", config.model())
          .put("p", config.p())
          .put("batch", cell.batch())
          .put("threads", engine.info().threads())
          .put("replicas", cell.replicas())
          .put("step_seconds", step)
          .put("step_seconds_least", timing.least())
          .put("step_seconds_most", timing.most())
          .put("run_steps_per_second", cell.replicas() / step)
          .put("flops_per_step", flops)
          .put("flops_per_second", flops / step)
          .put("floor_seconds", floor)
          .put("share_of_floor", floor / step)
          .put("memory_bytes", bytes)
          .put("steps", timing.steps());
      return timing.isByFewSteps();
    }
  }
}
