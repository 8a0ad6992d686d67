package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.experiments.sweep.Grid;
import dev.groklab.experiments.sweep.GridRun;
import dev.groklab.run.ConfigFile;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepCommandTest {

  @TempDir Path folder;
  private Path grid;
  private Path out;

  @BeforeEach
  void writeGrid() throws IOException {
    grid = TinyGrid.write(folder);
    out = folder.resolve("out");
  }

  private Groklab sweep(String... options) {
    return Groklab.run(
        Stream.concat(
                Stream.of("sweep", grid.toString(), "--out", out.toString()), Stream.of(options))
            .toArray(String[]::new));
  }

  @Test
  void everyRunIsTheOneItWouldBeAlone() throws IOException {
    Groklab sweep = sweep("--threads", "3");
    assertThat(sweep.err()).isEmpty();
    assertThat(sweep.status()).isZero();
    assertThat(sweep.out())
        .contains("training 7 of 7 runs on cpu", "into " + out)
        .contains("[7/7] ")
        .contains("7 of 7 runs are done, 0 diverged, 0 failed, 0 are left");
    assertThat(TinyGrid.folders(out)).hasSize(TinyGrid.RUNS);
    for (GridRun run : Grid.read(grid).runs()) {
      Path alone = folder.resolve("alone").resolve(run.name());
      Runner.train(run.config(), alone);
      Runs.assertValid(out.resolve(run.name()), "done");
      Runs.assertSame(out.resolve(run.name()), alone);
    }
  }

  @Test
  void whatIsDoneIsNotRepeated() throws IOException {
    assertThat(sweep("--threads", "1", "--quiet")).isEqualTo(new Groklab(0, "", ""));
    List<Path> folders = TinyGrid.folders(out);
    FileTime old = FileTime.from(Instant.EPOCH);
    for (Path run : folders) {
      Files.setLastModifiedTime(new RunFolder(run).finalWeights(), old);
    }
    new RunFolder(folders.get(0)).clear();
    Files.delete(new RunFolder(folders.get(1)).curvesPng());
    Groklab again = sweep();
    assertThat(again.status()).isZero();
    assertThat(again.out()).contains("training 1 of 7 runs", "7 of 7 runs are done");
    Runs.assertValid(folders.get(1), "done");
    for (Path run : folders.subList(1, folders.size())) {
      assertThat(Files.getLastModifiedTime(new RunFolder(run).finalWeights())).isEqualTo(old);
    }
    Runs.assertValid(folders.get(0), "done");
  }

  @Test
  void aRunThatDivergesOrFailsStopsNoOther() throws IOException {
    Groklab broken = sweep("--scale", "broken", "--set", "steps=20");
    assertThat(broken.status()).isEqualTo(1);
    assertThat(broken.out()).contains(" diverged, 0 failed, 0 are left").contains("[7/7] ");
    assertThat(broken.err()).contains("groklab sweep: " + out, " diverged\n");
    assertThat(sweep("--scale", "broken", "--set", "steps=20").status()).isEqualTo(1);

    out = folder.resolve("other");
    GridRun run = Grid.read(grid).runs().getFirst();
    Files.createDirectories(out.resolve(run.name()).resolve("checkpoint"));
    Files.writeString(run.folder(out).checkpoint(), "not one");
    Groklab failed = sweep();
    assertThat(failed.status()).isEqualTo(1);
    assertThat(failed.err().lines())
        .singleElement()
        .asString()
        .startsWith("groklab sweep: " + out.resolve(run.name()) + " failed: ");
    assertThat(failed.out()).contains("6 of 7 runs are done, 0 diverged, 1 failed, 0 are left");
  }

  @Test
  void aDryRunTellsAndWritesNothing() throws IOException {
    Groklab dry = sweep("--dry-run", "--threads", "2");
    assertThat(dry.status()).isZero();
    assertThat(dry.out().lines()).hasSize(TinyGrid.RUNS + 1);
    assertThat(dry.out())
        .containsPattern("7 of 7 runs to train on cpu .*: at most about \\d+s, and [0-9.]+ [kM]B");
    assertThat(out).doesNotExist();
    sweep("--set", "lr=0.002");
    assertThat(sweep("--dry-run", "--set", "lr=0.002").out())
        .contains("there already", "0 of 7 runs to train");
  }

  @Test
  void optionsReachTheRuns() throws IOException {
    Groklab sweep = sweep("--scale", "quick", "--seeds", "3..4", "--set", "eval-every=2");
    assertThat(sweep.status()).isZero();
    assertThat(TinyGrid.folders(out)).hasSize(14);
    for (Path run : TinyGrid.folders(out)) {
      RunConfig config = RunConfig.of(ConfigFile.read(new RunFolder(run).config()));
      assertThat(config.seed()).isBetween(3L, 4L);
      assertThat(config.steps()).isEqualTo(5);
      assertThat(config.evalEvery()).isEqualTo(2);
    }
  }

  @Test
  void severalGridsShareTheirRuns() throws IOException {
    Path other = folder.resolve("other.yaml");
    Files.writeString(other, TinyGrid.TEXT.replace("[0.5, 0.6]", "[0.6, 0.7]"));
    Groklab both =
        Groklab.run(
            "sweep", grid.toString(), other.toString(), "--scale", "quick", "--out", "" + out);
    assertThat(both.out()).contains("training 9 of 9 runs");
    assertThat(TinyGrid.folders(out)).hasSize(9);
  }

  @Test
  void defaultFoldersAreNamedAfterTheFile() throws Exception {
    Process process =
        GroklabProcess.start(
            folder, Map.of(), List.of("sweep", "tiny.yaml", "--scale", "quick", "--threads", "1"));
    assertThat(process.waitFor()).isZero();
    assertThat(TinyGrid.folders(folder.resolve("runs/tiny"))).hasSize(TinyGrid.RUNS);
  }

  /** The name of a folder is a promise; a folder that breaks it is not touched. */
  @Test
  void aFolderWithAnotherRunIsRefused() throws IOException {
    GridRun run = Grid.read(grid).runs().getFirst();
    Groklab.tiny(out.resolve(run.name()), "--steps", "9");
    Groklab sweep = sweep();
    assertThat(sweep.status()).isEqualTo(2);
    assertThat(sweep.err())
        .startsWith("groklab sweep: --out: " + out.resolve(run.name()) + " holds another run: its")
        .contains("steps is 9, and 40 is needed");
    assertThat(TinyGrid.folders(out)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--scale slow       | --scale: 'slow' is not allowed: ",
        "--seeds 3          | --seeds: '3' is not allowed: A..B is needed",
        "--set steps        | --set: 'steps' is not allowed: KEY=VALUE is needed",
        "--set =3           | --set: '=3' is not allowed: KEY=VALUE is needed",
        "--set stpes=3      | --set: 'stpes' is no setting; nearest: steps",
        "--set steps=x      | --set: steps: 'x' is not allowed: a whole number is needed",
        "--set threads=1    | --set: 'threads' is not allowed here: where to compute",
        "--set dropout=0    | GRID: panel 1 'Fractions': the curves 'train-fraction = 0.5,",
        "--backend tpu      | --backend: 'tpu' is not allowed; choose auto",
        "--threads 0        | --threads: 0 is not allowed",
        "--dry              | '--dry' is no option; similar: --dry-run",
        "/nonexistent.yaml  | grid: /nonexistent.yaml: no such file or folder",
      })
  void wrongUsageIsOneLine(String options, String message) {
    Groklab sweep = sweep(options.split(" "));
    assertThat(sweep.status()).isEqualTo(2);
    assertThat(sweep.err().lines())
        .singleElement()
        .asString()
        .startsWith("groklab sweep: " + message.replace("GRID", grid.toString()));
    assertThat(sweep.out()).isEmpty();
    assertThat(out).doesNotExist();
  }

  @Test
  void otherBackendsAreNotMixedIn() throws IOException {
    sweep("--scale", "quick");
    Groklab naive = sweep("--scale", "quick", "--backend", "naive");
    assertThat(naive.status()).isEqualTo(2);
    assertThat(naive.err()).contains("--backend: naive is not allowed: the run in", "made on cpu");
    assertThat(sweep("--scale", "quick", "--backend", "cpu").out()).contains("training 0 of 7");
  }

  @Test
  void withoutAGridThereIsNothingToDo() {
    Groklab sweep = Groklab.run("sweep");
    assertThat(sweep.status()).isEqualTo(2);
    assertThat(sweep.err()).contains("groklab sweep: Missing required parameter: 'FILE.yaml'");
  }
}
