package dev.groklab.ffi.loading;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;
import java.util.stream.Stream;

/** The library as CMake leaves it in a source tree. */
final class BuildTree {
  /** Directory of the library, below the root of the source tree. */
  static final String DIRECTORY = "build/native";

  private static final String ROOT_MARK = "CMakePresets.json";

  private BuildTree() {}

  /** Looks in the source trees around this class's own file and around the working directory. */
  static Optional<Path> find() {
    return Stream.of(codeSource(), Optional.of(Path.of("").toAbsolutePath()))
        .flatMap(Optional::stream)
        .map(BuildTree::findAbove)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** Walks up from {@code start} to the first source tree that has a library. */
  static Optional<Path> findAbove(Path start) {
    return Stream.iterate(start, directory -> directory != null, Path::getParent)
        .filter(directory -> Files.isRegularFile(directory.resolve(ROOT_MARK)))
        .map(root -> root.resolve(DIRECTORY).resolve(Platform.LIBRARY))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static Optional<Path> codeSource() {
    CodeSource source = BuildTree.class.getProtectionDomain().getCodeSource();
    if (source == null || !source.getLocation().getProtocol().equals("file")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Path.of(source.getLocation().toURI()));
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }
}
