package dev.groklab.benchmarks;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;

/**
 * What a run of the benchmarks found, as it is kept: of JMH's results what depends neither on the
 * rest nor on where the JDK lies.
 *
 * @param machine where and when
 * @param results in the order that they were run
 */
record Results(Machine machine, List<Result> results) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /**
   * One benchmark method with one set of parameters, by JMH's names.
   *
   * @param benchmark class and method
   * @param forks JVMs
   * @param warmupIterations of each
   * @param warmupTime of each of these
   * @param measurementIterations of each JVM
   * @param measurementTime of each of these
   * @param params the parameters; null for none
   * @param primaryMetric time of an operation
   * @param secondaryMetrics {@link RateProfiler}'s, by their names
   */
  record Result(
      String benchmark,
      int forks,
      int warmupIterations,
      String warmupTime,
      int measurementIterations,
      String measurementTime,
      Map<String, String> params,
      Metric primaryMetric,
      Map<String, Metric> secondaryMetrics) {

    /** Class and method without package, and without the word that they all have. */
    String name() {
      return benchmark.replaceFirst(".*\\.(\\w+)Benchmark\\.", "$1.");
    }

    String param(String key) {
      return params == null ? null : params.get(key);
    }
  }

  /**
   * A figure.
   *
   * @param score mean over all iterations
   * @param scoreError half the 99.9 % confidence interval; NaN for less than 3 iterations
   * @param scoreUnit its unit
   * @param rawData by fork and iteration
   */
  record Metric(double score, double scoreError, String scoreUnit, List<List<Double>> rawData) {
    private static final Map<String, Double> SECONDS =
        Map.of("ns/op", 1e-9, "us/op", 1e-6, "ms/op", 1e-3, "s/op", 1.0);

    double seconds() {
      Double unit = SECONDS.get(scoreUnit);
      if (unit == null) {
        throw new IllegalArgumentException(
            "a time in "
                + scoreUnit
                + "; allowed are "
                + SECONDS.keySet().stream().sorted().toList());
      }
      return score * unit;
    }
  }

  /** Reads JMH's own JSON. */
  static Results ofJmh(String json, Machine machine) throws JacksonException {
    return new Results(machine, MAPPER.readValue(json, new TypeReference<List<Result>>() {}));
  }

  /** Reads {@link #json}. */
  static Results of(String json) throws JacksonException {
    Results results = MAPPER.readValue(json, Results.class);
    if (results.machine == null || results.results == null) {
      throw new IllegalArgumentException("no results of a run of these benchmarks");
    }
    return results;
  }

  String json() throws JacksonException {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
  }
}
