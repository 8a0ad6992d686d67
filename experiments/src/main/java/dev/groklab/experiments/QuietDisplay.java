package dev.groklab.experiments;

import dev.groklab.run.Run;
import java.io.PrintWriter;
import java.util.List;

/** No progress at all. */
final class QuietDisplay extends Display {

  QuietDisplay(PrintWriter out, List<Run> runs) {
    super(out, runs);
  }

  @Override
  void say(String line) {}
}
