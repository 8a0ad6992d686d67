package dev.groklab.ffi.loading;

import dev.groklab.ffi.groklab_h;
import java.util.List;

/**
 * Loads the library from each file named, one after the other, or from where the loader finds it if
 * none is named, and prints for each try the path it came from, or why not. {@link
 * NativeLibraryTest} starts this in JVMs of its own, since a JVM loads the library only once.
 */
final class LoadMain {
  private LoadMain() {}

  static void main(String[] files) {
    for (String file : files.length == 0 ? List.of("") : List.of(files)) {
      if (!file.isEmpty()) {
        System.setProperty(NativeLibrary.LIBRARY_PROPERTY, file);
      }
      try {
        System.out.println("loaded " + NativeLibrary.load());
      } catch (NativeLibraryException e) {
        System.out.println("refused " + e.getMessage());
      }
    }
    System.out.println("version " + NativeText.at(groklab_h.groklab_version()));
  }
}
