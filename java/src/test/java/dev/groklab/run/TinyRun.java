package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs that take milliseconds. */
final class TinyRun {

  private TinyRun() {}

  /** p = 11, 60 training rows in batches of 16; evaluated every 7 steps. */
  static RunConfig config(Map<String, ?> settings) {
    Map<String, Object> all =
        new LinkedHashMap<>(
            Map.ofEntries(
                Map.entry("p", 11),
                Map.entry("layers", 1),
                Map.entry("dim", 16),
                Map.entry("heads", 2),
                Map.entry("batch-size", 16),
                Map.entry("lr", 0.001),
                Map.entry("lr-decay-factor", 0.5),
                Map.entry("lr-decay-every", 10),
                Map.entry("eval-every", 7),
                Map.entry("checkpoint-every", 10),
                Map.entry("threads", 1)));
    all.putAll(settings);
    return RunConfig.of(all);
  }

  /** The same metrics but for the seconds, and the same final weights, bit for bit. */
  static void assertSameRun(Path actual, Path expected) throws IOException {
    assertThat(metrics(actual)).isEqualTo(metrics(expected));
    assertThat(new RunFolder(actual).finalWeights())
        .hasSameBinaryContentAs(new RunFolder(expected).finalWeights());
  }

  private static List<String> metrics(Path folder) throws IOException {
    return Files.readAllLines(new RunFolder(folder).metrics()).stream()
        .map(line -> line.replaceFirst("^((?:[^,]*,){8})[^,]*", "$1"))
        .toList();
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
