package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps that are interrupted from outside, again and again. */
class SweepStopTest {

  private static final List<String> STEPS =
      List.of("--set", "steps=3000", "--set", "eval-every=500", "--set", "checkpoint-every=200");

  @TempDir Path folder;

  /**
   * Killed at several moments, and once asked to end: at last it has the bits of an unbroken one.
   */
  @Test
  void aSweepGoesOnAfterEveryKind() throws Exception {
    Path grid = TinyGrid.write(folder);
    Path broken = folder.resolve("broken");
    int kills = 0;
    for (int files = 2; files <= 26; files += 8) {
      Process process = GroklabProcess.start(folder, Map.of(), arguments(grid, broken));
      if (awaitFiles(process, broken, files)) {
        process.destroyForcibly();
        kills++;
      }
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(kills).isGreaterThanOrEqualTo(3);
    Groklab last = Groklab.run(arguments(grid, broken).toArray(String[]::new));
    assertThat(last.err()).isEmpty();
    assertThat(last.status()).isZero();

    Path whole = folder.resolve("whole");
    assertThat(Groklab.run(arguments(grid, whole).toArray(String[]::new)).status()).isZero();
    assertSameRuns(broken, whole);
  }

  @Test
  void aSignalStopsAllRunsWhole() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/kill")), "needs /bin/kill");
    Path grid = TinyGrid.write(folder);
    Path out = folder.resolve("out");
    List<String> endless =
        List.of("sweep", "" + grid, "--out", "" + out, "--threads", "2", "--set", "steps=20000000");
    Process process = GroklabProcess.start(folder, Map.of(), endless);
    assertThat(awaitFiles(process, out, 5)).isTrue();
    new ProcessBuilder("/bin/kill", "-TERM", "" + process.pid()).start().waitFor();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(folder.resolve("log.txt"))
        .content()
        .contains("0 of 7 runs are done, 0 diverged, 0 failed, 7 are left");
    for (Path run : TinyGrid.folders(out)) {
      assertThat(Runs.summary(run).get("status").asText()).isEqualTo("stopped");
    }
  }

  /** One folder is one sweep's. */
  @Test
  void twoSweepsAtOnceAreRefused() throws Exception {
    Path grid = TinyGrid.write(folder);
    Path out = folder.resolve("out");
    Process process =
        GroklabProcess.start(
            folder,
            Map.of(),
            List.of("sweep", "" + grid, "--out", "" + out, "--set", "steps=20000000"));
    assertThat(awaitFiles(process, out, 3)).isTrue();
    Groklab second = Groklab.run("sweep", "" + grid, "--out", "" + out);
    process.destroyForcibly();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(second.status()).isEqualTo(1);
    assertThat(second.err())
        .startsWith("groklab sweep: " + out + ": another sweep is training there");
  }

  private static List<String> arguments(Path grid, Path out) {
    return Stream.concat(
            Stream.of("sweep", grid.toString(), "--out", out.toString(), "--threads", "2"),
            STEPS.stream())
        .toList();
  }

  private static void assertSameRuns(Path actual, Path expected) throws IOException {
    List<Path> folders = TinyGrid.folders(actual);
    assertThat(folders).hasSize(TinyGrid.RUNS);
    for (Path run : folders) {
      Runs.assertValid(run, "done");
      Runs.assertSame(run, expected.resolve(run.getFileName()));
    }
  }

  /** Waits until so many files are there; false if the sweep had ended before. */
  private static boolean awaitFiles(Process process, Path out, int files) throws Exception {
    for (int tries = 0; tries < 6000 && process.isAlive(); tries++) {
      if (Files.exists(out) && count(out) >= files) {
        return true;
      }
      Thread.sleep(10);
    }
    return false;
  }

  private static long count(Path out) throws IOException {
    // Not Files.walk, which fails where files vanish while it looks.
    long count = 0;
    for (Path run : TinyGrid.folders(out)) {
      String[] names = run.toFile().list();
      count += names == null ? 0 : names.length;
    }
    return count;
  }
}
