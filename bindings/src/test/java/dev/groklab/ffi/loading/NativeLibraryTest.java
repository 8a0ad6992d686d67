package dev.groklab.ffi.loading;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.ffi.groklab_h;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Missing, broken and foreign libraries are refused with a clear message and without a crash, and
 * the right one can still be loaded afterwards.
 */
@Timeout(60)
final class NativeLibraryTest {
  @TempDir Path directory;

  private Path good;

  @BeforeEach
  void findLibrary() {
    good = BuildTree.find().orElseThrow();
  }

  @Test
  void missing() throws Exception {
    Path file = directory.resolve("absent.so");

    assertRefused(file, "there is no file " + file, NativeLibrary.LIBRARY_PROPERTY);
  }

  @Test
  void aDirectory() throws Exception {
    assertRefused(directory, "there is no file " + directory);
  }

  @Test
  void empty() throws Exception {
    Path file = Files.createFile(directory.resolve("empty.so"));

    assertRefused(file, file + " is no shared library: it is too short");
  }

  @Test
  void garbage() throws Exception {
    Path file = Files.writeString(directory.resolve("garbage.so"), "no library ".repeat(100));

    assertRefused(file, file + " is no 64-bit shared library");
  }

  @Test
  void truncated() throws Exception {
    byte[] whole = Files.readAllBytes(good);
    Path file = directory.resolve("truncated.so");
    for (int bytes : new int[] {20, 64, 4096, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, bytes));

      assertRefused(file, file + " is ");
    }
  }

  @Test
  void forAnotherProcessor() throws Exception {
    byte[] content = Files.readAllBytes(good);
    content[18] = (byte) 243; // e_machine: RISC-V
    Path file = Files.write(directory.resolve("foreign.so"), content);

    assertRefused(file, "cannot load " + file);
  }

  @Test
  void otherAbi() throws Exception {
    Path file = good.resolveSibling("tests/libgroklab_other_abi.so");

    assertRefused(
        file, file.toString(), "ABI number 9999", "needs " + groklab_h.GROKLAB_ABI_NUMBER());
  }

  @Test
  void notGroklabs() throws Exception {
    Path file = good.resolveSibling("tests/libgroklab_no_abi.so");

    assertRefused(file, file + " is no Groklab library", "groklab_abi_number");
  }

  @Test
  void bundled() throws Exception {
    Path cache = directory.resolve("cache");

    List<String> lines = load(List.of("-Dgroklab.cache=" + cache), List.of());

    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst()).startsWith("loaded " + cache).endsWith(Platform.LIBRARY);
  }

  /**
   * The file is refused with a message of these parts; then the good library loads all the same.
   */
  private void assertRefused(Path file, String... parts) throws Exception {
    List<String> lines = load(List.of(), List.of(file.toString(), good.toString()));

    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).startsWith("refused ").contains(parts);
    assertThat(lines.get(1)).isEqualTo("loaded " + good);
    assertThat(lines.get(2)).matches("version \\d+\\.\\d+\\.\\d+");
  }

  /** What {@link LoadMain} prints in a JVM of its own, which must end well and be silent else. */
  private static List<String> load(List<String> options, List<String> files)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=dev.groklab.ffi");
    command.add("--illegal-native-access=deny");
    command.addAll(options);
    command.addAll(
        List.of(
            "--module-path",
            absolute("target/classes"),
            "--patch-module",
            "dev.groklab.ffi=" + absolute("target/test-classes"),
            "--module",
            "dev.groklab.ffi/" + LoadMain.class.getName()));
    command.addAll(files);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  private static String absolute(String directory) {
    return Path.of(directory).toAbsolutePath().toString();
  }
}
