package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that are interrupted from outside. */
class StopTest {

  private static final int MANY_STEPS = 2_000_000;

  @TempDir Path folder;

  /** Ctrl-C leaves a valid run folder, from which the run goes on as if nothing had been. */
  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aSignalStopsAndTheRunCanBeResumed(String signal, int status) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/kill")), "needs /bin/kill");
    assumeTrue(!isIgnored(signal), "this process was started with the signal ignored");
    Path out = folder.resolve("run");
    Process process = start(out, "--steps", "" + MANY_STEPS);
    awaitRows(process, out, 5);
    new ProcessBuilder("/bin/kill", "-" + signal, "" + process.pid()).start().waitFor();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(status);
    Runs.assertValid(out, "stopped");
    assertThat(folder.resolve("log.txt")).content().contains("stopped at step ");

    assertResumesAsUnbroken(out);
  }

  /** Nobody can catch SIGKILL: the run goes on from its last checkpoint. */
  @Test
  void aKilledRunCanBeResumed() throws Exception {
    Path out = folder.resolve("run");
    Process process = start(out, "--steps", "" + MANY_STEPS);
    awaitRows(process, out, 5);
    process.destroyForcibly();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(new RunFolder(out).summary()).doesNotExist();

    assertResumesAsUnbroken(out);
  }

  private void assertResumesAsUnbroken(Path out) throws IOException {
    long made = new RunFolder(out).readMetrics().getLast().step();
    String steps = "" + (made + 2000);
    Groklab resumed = Groklab.run("train", "--resume", "--out", out.toString(), "--steps", steps);
    assertThat(resumed.err()).isEmpty();
    Path whole = folder.resolve("whole");
    Groklab.tiny(whole, "--eval-every", "500", "--checkpoint-every", "400", "--steps", steps);
    Runs.assertSame(out, whole);
  }

  private Process start(Path out, String... options) throws IOException {
    List<String> arguments =
        Groklab.tinyArguments(out, "--eval-every", "500", "--checkpoint-every", "400");
    return GroklabProcess.start(folder, Map.of(), arguments, options);
  }

  private static void awaitRows(Process process, Path out, int rows) throws Exception {
    Path metrics = new RunFolder(out).metrics();
    for (int tries = 0; tries < 2400 && process.isAlive(); tries++) {
      if (Files.exists(metrics) && Files.readAllLines(metrics).size() > rows) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("the run did not get going");
  }

  /** A signal that this process ignores is ignored by its children too, without a way back. */
  private static boolean isIgnored(String signal) throws IOException {
    int number = signal.equals("INT") ? 2 : 15;
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
            .anyMatch(mask -> (mask >> (number - 1) & 1) == 1);
  }
}
