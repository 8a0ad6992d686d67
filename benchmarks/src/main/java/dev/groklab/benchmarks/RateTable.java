package dev.groklab.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Time, rate and share of the peak of {@link Workload}s, with columns for each thread number. */
final class RateTable {
  private static final String THREADS = "threads";

  private RateTable() {}

  static boolean shows(Results.Result result) {
    return result.secondaryMetrics().containsKey(RateProfiler.RATE);
  }

  static String of(String title, List<Results.Result> results) {
    List<String> threads = results.stream().map(r -> r.param(THREADS)).distinct().toList();
    Map<List<String>, Map<String, Results.Result>> rows = new LinkedHashMap<>();
    for (Results.Result result : results) {
      rows.computeIfAbsent(List.of(result.name(), shape(result)), _ -> new LinkedHashMap<>())
          .put(result.param(THREADS), result);
    }
    List<String> head = new ArrayList<>(List.of(title, ""));
    for (String count : threads) {
      head.addAll(List.of(count.equals("1") ? "1 thread" : count + " threads", "rate", "of peak"));
    }
    MarkdownTable table = new MarkdownTable(2, head);
    rows.forEach(
        (name, byThreads) -> {
          List<String> cells = new ArrayList<>(name);
          threads.forEach(count -> cells.addAll(figures(byThreads.get(count))));
          table.row(cells);
        });
    return table.toString();
  }

  /** All parameters but the number of threads. */
  private static String shape(Results.Result result) {
    return result.params().entrySet().stream()
        .filter(param -> !param.getKey().equals(THREADS))
        .map(
            param ->
                param.getKey().equals("replicas")
                    ? param.getValue() + " replicas"
                    : param.getValue())
        .collect(Collectors.joining(", "));
  }

  private static List<String> figures(Results.Result result) {
    if (result == null) {
      return List.of("", "", "");
    }
    Results.Metric rate = result.secondaryMetrics().get(RateProfiler.RATE);
    Results.Metric share = result.secondaryMetrics().get(RateProfiler.SHARE);
    return List.of(
        Figures.time(result.primaryMetric()),
        Figures.rate(rate.score()) + " " + rate.scoreUnit(),
        Figures.percent(share.score()));
  }
}
