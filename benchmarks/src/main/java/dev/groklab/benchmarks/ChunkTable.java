package dev.groklab.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What of a chunk's time is the boundary's: once {@link BoundaryBenchmark#emptyChunk}, and {@link
 * BoundaryBenchmark#handOver} for each step.
 */
final class ChunkTable {
  private static final String CHUNK = "Chunk.chunk";
  private static final String EMPTY = "Boundary.emptyChunk";
  private static final String HAND_OVER = "Boundary.handOver";

  // How dev.groklab.run.Runner cuts chunks: about half a second each, at most so many steps.
  private static final double RUNNER_SECONDS = 0.5;
  private static final int RUNNER_STEPS = 4096;

  private final Map<String, Double> empty = new LinkedHashMap<>(); // seconds, by model
  private final Map<String, Double> handOver = new LinkedHashMap<>();
  private final MarkdownTable table =
      new MarkdownTable(1, List.of("Chunks", "steps", "a step", "boundary", "its share"));

  private ChunkTable() {}

  static boolean shows(Results.Result result) {
    return result.name().equals(CHUNK);
  }

  /** Of all results; the boundary's part stays empty where it was not measured. */
  static String of(List<Results.Result> results) {
    return new ChunkTable().make(results);
  }

  private String make(List<Results.Result> results) {
    Map<String, List<Results.Result>> chunks = new LinkedHashMap<>();
    for (Results.Result result : results) {
      String model = result.param("model");
      switch (result.name()) {
        case EMPTY -> empty.put(model, result.primaryMetric().seconds());
        case HAND_OVER -> handOver.put(model, result.primaryMetric().seconds());
        case CHUNK -> chunks.computeIfAbsent(model, _ -> new ArrayList<>()).add(result);
        default -> {} // in another table
      }
    }
    chunks.forEach(this::rows);
    return table.toString();
  }

  private void rows(String model, List<Results.Result> chunks) {
    for (Results.Result chunk : chunks) {
      int steps = Integer.parseInt(chunk.param("steps"));
      row(model, steps, "", chunk.primaryMetric().seconds() / steps);
    }
    Results.Result longest = chunks.getLast();
    double step = longest.primaryMetric().seconds() / Integer.parseInt(longest.param("steps"));
    int steps = (int) Math.clamp(RUNNER_SECONDS / step, 1, RUNNER_STEPS);
    row(model, steps, ", in a run", step);
  }

  private void row(String model, int steps, String where, double step) {
    List<String> cells = new ArrayList<>();
    cells.add(model + where);
    cells.add(Integer.toString(steps));
    cells.add(Figures.time(step));
    if (empty.containsKey(model) && handOver.containsKey(model)) {
      double boundary = empty.get(model) / steps + handOver.get(model);
      cells.add(Figures.time(boundary));
      cells.add(Figures.percent(100 * boundary / step));
    } else {
      cells.addAll(List.of("", ""));
    }
    table.row(cells);
  }
}
