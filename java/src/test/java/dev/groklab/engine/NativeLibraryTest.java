package dev.groklab.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.ffi.groklab_h;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A missing, broken or foreign native library is a {@link NativeLibraryException} with a sentence.
 * A JVM loads a library once, so each case has one of its own.
 */
@Timeout(60)
class NativeLibraryTest {

  private static final Path FOREIGN =
      Path.of("../build/native/tests/libgroklab_other_abi.so").toAbsolutePath().normalize();

  @TempDir private Path directory;

  @Test
  void theRightOneOpens() throws Exception {
    assertThat(open(Engine.library().path())).isEqualTo("opened CPU");
  }

  @Test
  void missing() throws Exception {
    Path file = directory.resolve("absent.so");

    assertThat(open(file)).startsWith("LIBRARY_UNUSABLE there is no file " + file);
  }

  @Test
  void broken() throws Exception {
    Path file = Files.writeString(directory.resolve("broken.so"), "no library ".repeat(100));

    assertThat(open(file)).startsWith("LIBRARY_UNUSABLE " + file);
  }

  @Test
  void ofAnotherAbi() throws Exception {
    assertThat(open(FOREIGN))
        .startsWith("LIBRARY_UNUSABLE " + FOREIGN)
        .contains("ABI number 9999")
        .contains("needs " + groklab_h.GROKLAB_ABI_NUMBER());
  }

  private static String open(Path library) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=dev.groklab.ffi",
                    "--illegal-native-access=deny",
                    "-Dgroklab.library=" + library,
                    "--module-path",
                    System.getProperty("jdk.module.path"),
                    "--patch-module",
                    "dev.groklab=" + Path.of("target/test-classes").toAbsolutePath(),
                    "--module",
                    "dev.groklab/" + OpenEngineMain.class.getName()))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.strip();
  }
}
