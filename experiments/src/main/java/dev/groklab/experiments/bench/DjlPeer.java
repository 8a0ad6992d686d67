package dev.groklab.experiments.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * DJL on its PyTorch engine. Maven builds it at its first use, which fetches some 110 MB.
 *
 * @param folder the module
 */
record DjlPeer(Path folder) implements Peer {

  private static final String MAIN = "dev.groklab.peers.djl.Main";

  static DjlPeer in(Path peers) {
    return new DjlPeer(peers.resolve("djl"));
  }

  @Override
  public String label() {
    return "DJL";
  }

  private Path target() {
    return folder.resolve("target");
  }

  private Path stamp() {
    return target().resolve("built");
  }

  /** Whether it is built, and from these sources. */
  boolean isBuilt() throws IOException {
    if (!Files.exists(stamp())) {
      return false;
    }
    long built = Files.getLastModifiedTime(stamp()).toMillis();
    try (Stream<Path> files = Files.walk(folder.resolve("src"))) {
      return Stream.concat(files, Stream.of(folder.resolve("pom.xml")))
          .noneMatch(file -> file.toFile().lastModified() > built);
    }
  }

  /**
   * Builds it, unless that is done.
   *
   * @param page is told, since it takes a while
   * @throws PeerFailure if that fails; the message names the log
   */
  void build(Page page) throws PeerFailure {
    Path root = Repository.of(folder.getParent());
    Path log = root.resolve(Path.of("build", "peer-djl.log"));
    try {
      if (isBuilt()) {
        return;
      }
      page.progress("building the DJL peer; the first time Maven fetches some 110 MB for it");
      Files.createDirectories(log.getParent());
      ProcessBuilder maven =
          new ProcessBuilder(
                  "mvn",
                  "-B",
                  "-ntp",
                  "-Ppeers",
                  "-pl",
                  "benchmarks/peers/djl",
                  "-am",
                  "-DskipNative=true",
                  "-DskipNativeTests=true",
                  "-Dmaven.test.skip=true",
                  "package")
              .directory(root.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      maven.environment().put("JAVA25_HOME", System.getProperty("java.home"));
      if (maven.start().waitFor() != 0) {
        throw new PeerFailure("it could not be built; the log is " + log);
      }
      Files.writeString(stamp(), "");
    } catch (IOException e) {
      throw new PeerFailure("it could not be built: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeerFailure("interrupted", e);
    }
  }

  @Override
  public List<String> command() {
    String cache = target().resolve("cache").toString();
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
        "-DDJL_CACHE_DIR=" + cache, // the native libraries, unpacked
        "-DENGINE_CACHE_DIR=" + cache,
        "-Dai.djl.offline=true",
        "-cp",
        target().resolve("classes") + File.pathSeparator + target().resolve("lib").resolve("*"),
        MAIN);
  }
}
