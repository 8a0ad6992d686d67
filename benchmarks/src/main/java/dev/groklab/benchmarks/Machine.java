package dev.groklab.benchmarks;

import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineInfo;
import dev.groklab.engine.LibraryInfo;
import java.time.Clock;
import java.time.LocalDate;

/**
 * Where and when results were found.
 *
 * @param date the day, as 2026-11-29
 * @param device name of the processor
 * @param instructionSet its instructions in use
 * @param threads of an engine on all processors
 * @param jdk version of Java
 * @param library version of the native library
 * @param build its compiler and build type
 */
record Machine(
    String date,
    String device,
    String instructionSet,
    int threads,
    String jdk,
    String library,
    String build) {

  /** This one, today. */
  static Machine present(Clock clock) {
    LibraryInfo library = Engine.library();
    try (Engine engine = Threads.open(Threads.ALL)) {
      EngineInfo info = engine.info();
      return new Machine(
          LocalDate.now(clock).toString(),
          info.device(),
          info.instructionSet(),
          info.threads(),
          Runtime.version().toString(),
          library.version(),
          library.build());
    }
  }

  @Override
  public String toString() {
    return String.format(
        "%s: %s, %s, %d threads; JDK %s; Groklab %s, %s",
        date, device, instructionSet, threads, jdk, library, build);
  }
}
