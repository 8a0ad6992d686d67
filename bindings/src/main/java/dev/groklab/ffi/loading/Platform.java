package dev.groklab.ffi.loading;

import java.util.Locale;

/** Names that depend on the operating system and the processor. */
final class Platform {
  /** File name of the library, {@code libgroklab.so} on Linux. */
  static final String LIBRARY = System.mapLibraryName("groklab");

  /** File name of the CUDA plugin, which the library looks for beside itself. */
  static final String CUDA_PLUGIN = System.mapLibraryName("groklab_cuda");

  /** Where the jar carries the files for this platform, {@code …/linux-x86_64/}. */
  static final String RESOURCES = "META-INF/native/%s-%s/".formatted(os(), arch());

  private Platform() {}

  static boolean isLinux() {
    return os().equals("linux");
  }

  private static String os() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).replace(' ', '-');
  }

  private static String arch() {
    String arch = System.getProperty("os.arch");
    return arch.equals("amd64") ? "x86_64" : arch;
  }
}
