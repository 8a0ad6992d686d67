package dev.groklab.benchmarks;

import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;

/** A benchmark that knows how much it has to do, so that its rate can be told besides its time. */
public interface Workload {
  /**
   * The work of each benchmark method.
   *
   * @param params parameters that it is run with
   * @return by name of the method, the work of one operation
   */
  Map<String, Work> work(BenchmarkParams params);
}
