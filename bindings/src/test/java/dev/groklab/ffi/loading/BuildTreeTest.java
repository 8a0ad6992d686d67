package dev.groklab.ffi.loading;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library in a source tree. */
final class BuildTreeTest {
  @TempDir Path directory;

  @Test
  void isFoundFromAnywhereBelowTheRoot() throws IOException {
    Path below = Files.createDirectories(directory.resolve("java/target/classes"));
    Path library = library();
    Files.createFile(directory.resolve("CMakePresets.json"));

    assertThat(BuildTree.findAbove(below)).contains(library);
    assertThat(BuildTree.findAbove(directory)).contains(library);
  }

  @Test
  void isNotTakenFromATreeThatIsNotOurs() throws IOException {
    Path _ = library();

    assertThat(BuildTree.findAbove(directory)).isEmpty();
  }

  @Test
  void isNotThereBeforeItIsBuilt() throws IOException {
    Files.createFile(directory.resolve("CMakePresets.json"));

    assertThat(BuildTree.findAbove(directory)).isEmpty();
  }

  private Path library() throws IOException {
    Path built = Files.createDirectories(directory.resolve(BuildTree.DIRECTORY));
    return Files.createFile(built.resolve(Platform.LIBRARY));
  }
}
