package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvLogTest {

  private static final String HEADER = "step,x";

  @TempDir Path folder;

  @Test
  void resumingDropsLaterAndTornRows() throws IOException {
    Path file = folder.resolve("log.csv");
    try (CsvLog log = CsvLog.create(file, HEADER)) {
      log.add("1,a");
      log.add("2,b");
      log.add("3,c");
    }
    Files.writeString(file, Files.readString(file) + "4,");
    try (CsvLog log = CsvLog.resume(file, HEADER, step -> step <= 2)) {
      log.add("3,C");
    }
    assertThat(file).hasContent("step,x\n1,a\n2,b\n3,C\n");
  }

  /** However short a crash cuts the file, going on from there gives a whole log. */
  @Property(tries = 50)
  void everyCutIsMended(@ForAll @IntRange(min = 6, max = 22) int cut) throws IOException {
    String whole = "step,x\n10,a\n20,b\n30,c\n";
    Path file = Files.createTempFile("groklab", ".csv");
    try {
      Files.writeString(file, whole.substring(0, cut));
      CsvLog.resume(file, HEADER, _ -> true).close();
      int rows = (cut - 2) / 5; // those with their line break
      assertThat(file).hasContent(whole.substring(0, 7 + 5 * Math.max(0, rows - 1)));
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void foreignFilesAreLeftAlone() throws IOException {
    Path file = folder.resolve("notes.txt");
    Files.writeString(file, "dear diary\n");
    assertThat(CsvLog.isLog(file, HEADER)).isFalse();
    assertThatThrownBy(() -> CsvLog.resume(file, HEADER, _ -> true))
        .isInstanceOf(FormatException.class);
    assertThatThrownBy(() -> StepLog.open(file, 0)).hasMessageContaining("left as it is");
    assertThat(file).hasContent("dear diary\n");
    assertThat(folder).isDirectoryNotContaining(path -> path.toString().endsWith(".tmp"));
  }

  @Test
  void rowsWithoutAStepAreRefused() throws IOException {
    Path file = folder.resolve("log.csv");
    Files.writeString(file, "step,x\none,a\n");
    assertThatThrownBy(() -> CsvLog.resume(file, HEADER, _ -> true))
        .hasMessageContaining("'one,a' does not start with a step");
  }

  @Test
  void aFailedWriteNamesTheFileAndLeavesNothing() throws IOException {
    Path file = folder.resolve("out").resolve("x.json");
    assertThatThrownBy(() -> AtomicFile.writeText(file, "text"))
        .isInstanceOfSatisfying(
            IOException.class,
            e -> assertThat(IoFailure.describe(e)).isEqualTo(file + ": no such file or folder"));
    Path kept = folder.resolve("kept.txt");
    Files.writeString(kept, "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    kept,
                    out -> {
                      out.write(new byte[100]);
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOfSatisfying(
            IOException.class,
            e -> assertThat(IoFailure.describe(e)).isEqualTo(kept + ": No space left on device"));
    assertThat(kept).hasContent("old");
    assertThat(folder).isDirectoryNotContaining(path -> path.toString().endsWith(".tmp"));
  }
}
