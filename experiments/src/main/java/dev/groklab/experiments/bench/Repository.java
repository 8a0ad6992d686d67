package dev.groklab.experiments.bench;

import dev.groklab.run.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the peers' sources are: they are part of the repository, and not of the programs. */
final class Repository {

  private static final String ROOT = "groklab.root"; // set by the launcher

  private Repository() {}

  /**
   * The folder of the peers.
   *
   * @param option the option that needs it
   */
  static Path peers(String option) {
    Path root = Path.of(System.getProperty(ROOT, "")).toAbsolutePath();
    Path peers = root.resolve(Path.of("benchmarks", "peers"));
    if (!Files.isDirectory(peers)) {
      throw new ConfigException(
          option,
          "the peers are part of the repository, and there is no "
              + peers
              + ": run ./groklab there, or give -D"
              + ROOT
              + "=DIR to Java");
    }
    return peers;
  }

  /** The repository's own folder. */
  static Path of(Path peers) {
    return peers.getParent().getParent();
  }
}
