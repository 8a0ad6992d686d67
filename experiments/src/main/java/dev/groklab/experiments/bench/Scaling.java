package dev.groklab.experiments.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.groklab.engine.Engine;
import dev.groklab.engine.Peak;
import dev.groklab.engine.StepCost;
import dev.groklab.experiments.bench.MarkdownTable.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** How the time of a step grows with what is trained, and whether it grows as it should. */
final class Scaling {

  /** A way to grow, and what was measured along it. */
  record Line(Scale scale, List<CostModel.Point> points, List<Timing> timings) {}

  private static final List<Column> COLUMNS =
      List.of(
          Column.text("varied", 20),
          Column.number("value", 6),
          Column.number("step, ms", 24),
          Column.number("model, ms", 9),
          Column.number("of floor", 8));

  private final Engine engine;
  private final Peak peak;
  private final double seconds;
  private final BooleanSupplier stopped;

  Scaling(Engine engine, Peak peak, double seconds, BooleanSupplier stopped) {
    this.engine = engine;
    this.peak = peak;
    this.seconds = seconds;
    this.stopped = stopped;
  }

  /** Measures along all scales, until told to stop. */
  List<Line> measure(List<Scale> scales, Page page) {
    List<Line> lines = new ArrayList<>();
    for (Scale scale : scales) {
      List<CostModel.Point> points = new ArrayList<>();
      List<Timing> timings = new ArrayList<>();
      for (Cell cell : scale.cells()) {
        if (stopped.getAsBoolean()) {
          return lines;
        }
        try (Workload work = Workload.open(engine, cell)) {
          StepCost cost = work.cost();
          double waves = CostModel.waves(cell.replicas(), engine.info().threads());
          double floor = cost.flops() * cell.replicas() / peak.flops();
          Timing timing = Timing.measure(work::run, seconds, floor, stopped);
          points.add(
              new CostModel.Point(
                  cost.flops(),
                  cost.parameterBytes() + cost.activationBytes(),
                  waves,
                  floor,
                  timing.median()));
          timings.add(timing);
        }
      }
      page.progress("measured: " + scale.label());
      lines.add(new Line(scale, List.copyOf(points), List.copyOf(timings)));
    }
    return lines;
  }

  static CostModel model(List<Line> lines) {
    return CostModel.fit(lines.stream().flatMap(line -> line.points().stream()).toList());
  }

  /** Prints what was measured beside the model. */
  void print(List<Line> lines, CostModel model, Page page, ArrayNode json) {
    page.heading("How costs grow");
    List<CostModel.Point> all = lines.stream().flatMap(line -> line.points().stream()).toList();
    page.paragraph(
        "The report's Transformer (p = 97, batch 256, d = 128, K = 2, two layers, one replica) with"
            + " one setting varied. The model of cost has two prices, fitted to all points at once:"
            + " a thread makes "
            + Numbers.three(1e-9 / model.perFlop())
            + " GFLOP/s in matrix products, and all ops move "
            + Numbers.three(1e-9 / model.perByte())
            + " GB/s a thread besides; a lone replica is shared out to all threads, several are"
            + " spread over them. It is off by "
            + Numbers.percent(model.largestError(all))
            + " at the worst point.");
    MarkdownTable table = new MarkdownTable(COLUMNS, page::line);
    for (Line line : lines) {
      for (int i = 0; i < line.points().size(); i++) {
        CostModel.Point point = line.points().get(i);
        Timing timing = line.timings().get(i);
        table.line(
            List.of(
                line.scale().label(),
                line.scale().values().get(i).toString(),
                Numbers.withRange(point.seconds() * 1e3, timing.least() * 1e3, timing.most() * 1e3),
                Numbers.three(model.seconds(point) * 1e3),
                Numbers.percent(point.floor() / point.seconds())));
        json.addObject()
            .put("varied", line.scale().label())
            .put("value", line.scale().values().get(i))
            .put("step_seconds", point.seconds())
            .put("model_seconds", model.seconds(point))
            .put("floor_seconds", point.floor())
            .put("flops", point.flops())
            .put("bytes", point.bytes());
      }
    }
    page.line("");
  }
}
