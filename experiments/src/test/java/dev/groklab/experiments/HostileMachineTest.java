package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Machines that lack something, made by mounting over it in a namespace of the test's own. */
class HostileMachineTest {

  private static final int CANNOT_MOUNT = 99;

  @TempDir Path folder;
  private Path disk;
  private Path log;
  private Path listing;

  @BeforeEach
  void makePlaces() throws IOException {
    disk = Files.createDirectory(folder.resolve("disk"));
    log = folder.resolve("log.txt");
    listing = folder.resolve("listing.txt");
  }

  @ParameterizedTest
  @CsvSource({
    "4,  ''", // nothing fits: the run does not begin, and leaves nothing
    "40, config.yaml metrics.csv", // no checkpoint fits
  })
  void aFullDiskIsOneLineAndNothingIsHalfWritten(int kibibytes, String left) throws Exception {
    int status =
        train("mount -t tmpfs -o size=" + kibibytes + "k,nr_inodes=50 none '" + disk + "'");
    assertThat(status).isEqualTo(1);
    assertThat(Files.readAllLines(log))
        .singleElement()
        .asString()
        .startsWith("groklab train: " + disk.resolve("run"))
        .endsWith(": No space left on device");
    assertThat(String.join(" ", Files.readAllLines(listing)).replace("run/", "")).isEqualTo(left);
  }

  @Test
  void withoutFontsARunHasNoPicturesButAllItsNumbers() throws Exception {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assumeTrue(Files.isDirectory(Path.of("/etc/fonts")), "the fonts are elsewhere here");
    int status =
        train(
            "mount --bind '"
                + empty
                + "' /usr/share/fonts && mount --bind '"
                + empty
                + "' /etc/fonts");
    assertThat(status).isZero();
    assertThat(Files.readAllLines(log))
        .last()
        .asString()
        .startsWith("groklab train: no pictures were drawn: the JDK finds no fonts");
    RunFolder run = new RunFolder(disk.resolve("run"));
    assertThat(Runs.summary(run.path()).get("status").asText()).isEqualTo("done");
    assertThat(run.finalWeights()).isNotEmptyFile();
    assertThat(run.curvesPng()).doesNotExist();
  }

  /** Trains in a mount namespace prepared by a command; lists the files that this leaves. */
  private int train(String prepare) throws Exception {
    String script =
        "{ "
            + prepare
            + "; } || exit "
            + CANNOT_MOUNT
            + "\n"
            + "\"$@\"; status=$?\n"
            + "find '"
            + disk
            + "' -type f -printf '%P\\n' | sort > '"
            + listing
            + "'\n"
            + "exit $status\n";
    List<String> command =
        new ArrayList<>(List.of("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"));
    command.addAll(GroklabProcess.command());
    command.addAll(Groklab.tinyArguments(disk.resolve("run"), "--steps", "20", "--quiet"));
    int status = run(command);
    assumeTrue(
        status != CANNOT_MOUNT && Files.exists(listing), "file systems cannot be mounted here");
    return status;
  }

  private int run(List<String> command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } catch (IOException _) {
      return CANNOT_MOUNT; // there is no unshare
    }
  }
}
