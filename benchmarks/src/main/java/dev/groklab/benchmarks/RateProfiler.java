package dev.groklab.benchmarks;

import dev.groklab.engine.Engine;
import dev.groklab.engine.Peak;
import dev.groklab.engine.Precision;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Tells the rate of each {@link Workload}, and its share of what the machine reaches at most. That
 * is measured in the benchmark's own JVM, just before: on a shared machine no other figure counts.
 */
public final class RateProfiler implements InternalProfiler {
  static final String RATE = "rate";
  static final String PEAK = "peak";
  static final String SHARE = "share";

  private static final Duration DURATION = Duration.ofMillis(100);
  private static final Map<String, Peak> PEAKS = new ConcurrentHashMap<>(); // by threads
  private static final Map<String, Optional<Work>> WORKS =
      new ConcurrentHashMap<>(); // by benchmark

  /** For JMH. */
  public RateProfiler() {}

  @Override
  public String getDescription() {
    return "GFLOP/s or GB/s of benchmarks that know their work, and the share of the peak";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (work(benchmark).isPresent()) {
      PEAKS.computeIfAbsent(benchmark.getParam("threads"), RateProfiler::measure);
    }
  }

  private static Peak measure(String threads) {
    try (Engine engine = Threads.open(threads)) {
      return engine.measurePeak(Precision.FP32, DURATION);
    }
  }

  /** Nothing for a benchmark that is no workload. */
  private static Optional<Work> work(BenchmarkParams benchmark) {
    return WORKS.computeIfAbsent(benchmark.id(), _ -> ask(benchmark));
  }

  private static Optional<Work> ask(BenchmarkParams benchmark) {
    String name = benchmark.getBenchmark();
    int dot = name.lastIndexOf('.');
    try {
      Class<?> type = Class.forName(name.substring(0, dot));
      if (!Workload.class.isAssignableFrom(type)) {
        return Optional.empty();
      }
      Workload workload = (Workload) type.getDeclaredConstructor().newInstance();
      Work work = workload.work(benchmark).get(name.substring(dot + 1));
      return Optional.of(Objects.requireNonNull(work, () -> name + " does not tell its work"));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(name + " cannot be asked for its work", e);
    }
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    return work(benchmark).map(work -> rates(benchmark, work, result)).orElse(List.of());
  }

  private static List<ScalarResult> rates(
      BenchmarkParams benchmark, Work work, IterationResult result) {
    double seconds =
        result.getPrimaryResult().getScore() * benchmark.getTimeUnit().toNanos(1) * 1e-9;
    double rate = work.amount() / seconds;
    Peak peak = PEAKS.get(benchmark.getParam("threads"));
    double most =
        switch (work.measure()) {
          case OPERATIONS -> peak.flops();
          case BYTES -> peak.bytesPerSecond();
        };
    String unit = work.measure().unit();
    return List.of(
        average(RATE, rate * 1e-9, unit),
        average(PEAK, most * 1e-9, unit),
        average(SHARE, 100 * rate / most, "%"));
  }

  private static ScalarResult average(String label, double value, String unit) {
    return new ScalarResult(label, value, unit, AggregationPolicy.AVG);
  }
}
