package dev.groklab.experiments.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.engine.Backend;
import dev.groklab.engine.EngineInfo;
import dev.groklab.experiments.TinyGrid;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bits of a run depend on nothing that a sweep decides. */
class SweepTest {

  @TempDir Path folder;

  private SweepResult sweep(String name, Machine machine, double worthPausing)
      throws IOException, InterruptedException {
    Overrides overrides =
        new Overrides(
            Optional.empty(), Optional.empty(), Map.of("steps", "600", "eval-every", "50"));
    Grid grid = Grid.parse("tiny", TinyGrid.TEXT, overrides);
    SweepPlan plan = SweepPlan.of(grid, folder.resolve(name), Backend.CPU);
    Forecast forecast = Forecast.of(plan, machine);
    SweepListener silent = new SweepListener() {};
    return new Sweep(plan, machine, forecast, silent, (_, _) -> {}, worthPausing).run();
  }

  private void assertSame(String name, String other) throws IOException {
    List<Path> folders = TinyGrid.folders(folder.resolve(name));
    assertThat(folders).hasSize(TinyGrid.RUNS);
    for (Path path : folders) {
      RunFolder run = new RunFolder(path);
      RunFolder twin = new RunFolder(folder.resolve(other).resolve(path.getFileName()));
      assertThat(run.finalWeights()).hasSameBinaryContentAs(twin.finalWeights());
      assertThat(withoutSeconds(run)).isEqualTo(withoutSeconds(twin));
    }
  }

  private static List<String> withoutSeconds(RunFolder run) throws IOException {
    return Files.readAllLines(run.metrics()).stream()
        .map(line -> line.replaceFirst("^((?:[^,]*,){8})[^,]*", "$1"))
        .toList();
  }

  /** One by one; side by side, paused for more threads whenever possible; and all together. */
  @Test
  void schedulesGiveTheSameBits() throws Exception {
    SweepResult alone = sweep("alone", Machine.of(Backend.CPU, 1), 1e9);
    assertThat(alone.isComplete()).isTrue();
    assertThat(alone.summaries()).hasSize(TinyGrid.RUNS);
    assertThat(alone.summaries().values()).extracting(Summary::status).containsOnly(Status.DONE);

    assertThat(sweep("lanes", Machine.of(Backend.CPU, 5), 0).isComplete()).isTrue();
    assertSame("lanes", "alone");

    assertThat(sweep("groups", asOnAGpu(), 0).isComplete()).isTrue();
    assertSame("groups", "alone");
  }

  /** A machine that trains runs of one architecture together, as a GPU does. */
  private static Machine asOnAGpu() {
    EngineInfo cpu = Machine.of(Backend.CPU, 2).engine();
    return new Machine(
        new EngineInfo(Backend.CUDA, cpu.threads(), cpu.instructionSet(), cpu.device(), ""));
  }

  /** Where one run of a group is broken, the others are trained. */
  @Test
  void aGroupIsDividedUntilTheFaultIsAlone() throws Exception {
    Grid grid = Grid.parse("tiny", TinyGrid.TEXT, Overrides.NONE);
    GridRun broken = grid.runs().get(2);
    Path checkpoint = broken.folder(folder.resolve("groups")).checkpoint();
    SweepPlan plan = SweepPlan.of(grid, folder.resolve("groups"), Backend.CPU);
    Machine machine = asOnAGpu();
    Forecast forecast = Forecast.of(plan, machine);
    Files.createDirectories(checkpoint.getParent());
    Files.writeString(checkpoint, "not one");
    SweepResult result =
        new Sweep(plan, machine, forecast, new SweepListener() {}, (_, _) -> {}).run();
    assertThat(result.summaries()).hasSize(TinyGrid.RUNS - 1);
    assertThat(result.failures().keySet())
        .singleElement()
        .extracting(PlannedRun::name)
        .isEqualTo(broken.name());
    assertThat(result.isComplete()).isFalse();
  }
}
