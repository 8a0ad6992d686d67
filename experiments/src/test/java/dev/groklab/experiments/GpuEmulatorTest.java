package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code --backend cuda} from the command line down to the kernels, on a machine without a GPU: the
 * GPU emulator of the native tests executes what nvcc compiled.
 */
class GpuEmulatorTest {

  /** Surefire runs in experiments/. */
  private static final Path BUILD = Path.of("..", "build", "native");

  private static final Path PLUGIN = BUILD.resolve("libgroklab_cuda.so");
  private static final Path EMULATOR = BUILD.resolve(Path.of("native/tests/gpu-emulator/lib"));

  private static final List<String> TINY =
      List.of("--p 7 --layers 1 --dim 16 --heads 2 --batch-size 8 --eval-every 7".split(" "));

  @TempDir Path folder;

  @BeforeEach
  void requireTheEmulator() {
    assumeTrue(
        Files.exists(PLUGIN),
        "not run: the native build has no CUDA plugin, as it found no nvcc or no cuBLASLt");
    assumeTrue(
        Files.exists(EMULATOR.resolve("libcudart.so.13")),
        "not run: the native build has no GPU emulator; `cmake --build --preset release` makes it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--model transformer",
        "--model mlp --optimizer sgd --momentum 0.9 --nesterov true --clip-norm 0.5 --dropout 0.1",
        "--model lstm --optimizer rmsprop --centered true --eps 0.001 --weight-decay 0.01",
      })
  void trainsAsTheCpuDoes(String kind) throws Exception {
    Path cudaTrace = folder.resolve("cuda.csv");
    Path cpuTrace = folder.resolve("cpu.csv");
    Path out = folder.resolve("cuda");
    String log = train("cuda", out, traced(kind, cudaTrace));
    assertThat(log).contains("on cuda", "done at step 20");
    Runs.assertValid(out, "done");

    train("cpu", folder.resolve("cpu"), traced(kind, cpuTrace));
    List<Double> expected = losses(cpuTrace);
    List<Double> actual = losses(cudaTrace);
    assertThat(actual).hasSize(20).hasSameSizeAs(expected);
    for (int step = 0; step < expected.size(); step++) {
      assertThat(actual.get(step))
          .as("step %d", step + 1)
          .isCloseTo(expected.get(step), within(1e-5 * Math.max(1, expected.get(step))));
    }
  }

  @Test
  void seedsTogetherAndResumedAreTheSameBits() throws Exception {
    Path alone = folder.resolve("alone");
    Path together = folder.resolve("together");
    train("cuda", alone, "--steps", "12", "--seed", "1");
    train("cuda", together, "--steps", "5", "--seeds", "0..1");
    run("train", "--resume", "--out", together.toString(), "--steps", "12");
    Runs.assertSame(together.resolve("seed-1"), alone);
  }

  @Test
  void theDoctorKnowsTheDevice() throws Exception {
    assertThat(run("doctor")).containsPattern("backend cuda +usable: .*compute capability");
  }

  private static String[] traced(String kind, Path trace) {
    return (kind + " --steps 20 --trace-steps " + trace).split(" ");
  }

  private String train(String backend, Path out, String... more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("train", "--backend", backend));
    arguments.addAll(TINY);
    arguments.addAll(List.of("--out", out.toString()));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  /** Runs groklab on the emulator, whose folder the loader must know from the beginning. */
  private String run(String... arguments) throws Exception {
    Map<String, String> environment =
        Map.of("LD_LIBRARY_PATH", EMULATOR.toAbsolutePath().normalize().toString());
    Process process = GroklabProcess.start(folder, environment, List.of(arguments));
    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    String log = Files.readString(folder.resolve("log.txt"));
    assertThat(process.exitValue()).as(log).isZero();
    return log;
  }

  private static List<Double> losses(Path csv) throws IOException {
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines.getFirst()).isEqualTo("step,batch_loss");
    return lines.stream().skip(1).map(line -> Double.valueOf(line.split(",", -1)[1])).toList();
  }
}
