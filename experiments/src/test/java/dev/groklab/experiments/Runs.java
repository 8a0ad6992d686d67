package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.groklab.run.ConfigFile;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Checks of run folders. */
final class Runs {

  private Runs() {}

  /** The same metrics but for the seconds, and the same final weights, bit for bit. */
  static void assertSame(Path actual, Path expected) throws IOException {
    assertThat(metrics(actual)).isEqualTo(metrics(expected));
    assertThat(new RunFolder(actual).finalWeights())
        .hasSameBinaryContentAs(new RunFolder(expected).finalWeights());
  }

  /** All columns but the time, which is another each time. */
  private static List<List<String>> metrics(Path folder) throws IOException {
    List<String> lines = Files.readAllLines(new RunFolder(folder).metrics());
    int seconds = List.of(lines.getFirst().split(",", -1)).indexOf("seconds");
    List<List<String>> rows = new ArrayList<>();
    for (String line : lines) {
      List<String> fields = new ArrayList<>(List.of(line.split(",", -1)));
      fields.remove(seconds);
      rows.add(fields);
    }
    return rows;
  }

  /** Every file of the contract is there and can be read; no temporary one is left. */
  static void assertValid(Path folder, String status) throws IOException {
    RunFolder run = new RunFolder(folder);
    assertThat(run.checkpoint()).isNotEmptyFile();
    assertThat(run.finalWeights()).isNotEmptyFile();
    assertThat(run.curvesPng()).isNotEmptyFile();
    assertThat(run.curvesSvg()).content().contains("<svg ").endsWith("</svg>\n");
    RunConfig.of(ConfigFile.read(run.config()));
    assertThat(run.readMetrics()).extracting(MetricsRow::step).isSorted().doesNotHaveDuplicates();
    assertThat(summary(folder).get("status").asText()).isEqualTo(status);
    try (var files = Files.walk(folder)) {
      assertThat(files).noneMatch(file -> file.toString().endsWith(".tmp"));
    }
  }

  static JsonNode summary(Path folder) throws IOException {
    return JsonMapper.builder().build().readTree(new RunFolder(folder).summary().toFile());
  }
}
