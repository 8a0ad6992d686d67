package dev.groklab.ffi.loading;

import java.util.Locale;

/** Names that depend on the operating system and the processor. */
final class Platform {
  /** File name of the library, {@code libgroklab.so} on Linux. */
  static final String LIBRARY = System.mapLibraryName("groklab");

  /** Where the jar carries the library for this platform, {@code …/linux-x86_64/libgroklab.so}. */
  static final String RESOURCE = "META-INF/native/%s-%s/%s".formatted(os(), arch(), LIBRARY);

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
