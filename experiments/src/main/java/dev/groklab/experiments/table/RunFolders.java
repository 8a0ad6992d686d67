package dev.groklab.experiments.table;

import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** Finds runs. */
public final class RunFolders {

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private RunFolders() {}

  /**
   * The run folders in a folder, at any depth; itself if it is one.
   *
   * @param root the folder
   * @return the run folders by name, numbers in the order of their values
   * @throws IOException if a folder cannot be read
   */
  public static List<RunFolder> in(Path root) throws IOException {
    List<RunFolder> found = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            RunFolder folder = new RunFolder(path);
            if (!Files.exists(folder.metrics())) { // a folder of several seeds has none
              return FileVisitResult.CONTINUE;
            }
            found.add(folder);
            return FileVisitResult.SKIP_SUBTREE;
          }
        });
    found.sort(Comparator.comparing(RunFolders::sortKey));
    return found;
  }

  /** {@code seed-9} comes before {@code seed-10}. */
  private static String sortKey(RunFolder folder) {
    return NUMBER
        .matcher(folder.path().toString())
        .replaceAll(
            number -> "0".repeat(Math.max(0, 20 - number.group().length())) + number.group());
  }
}
