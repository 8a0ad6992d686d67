package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.loading.NativeText;
import java.nio.file.Path;

/** Sees to it that the native library is there before it is called. */
final class NativeLibrary {

  private NativeLibrary() {}

  /**
   * Loads the library unless it is loaded already, and describes it.
   *
   * @throws NativeLibraryException if it is missing, broken or of another ABI
   */
  static LibraryInfo load() {
    Path path;
    try {
      path = dev.groklab.ffi.loading.NativeLibrary.load();
    } catch (dev.groklab.ffi.loading.NativeLibraryException e) {
      // That module's types are not for users of this one.
      throw new NativeLibraryException(e.getMessage(), e);
    }
    // Linked now, so that later nothing comes between a failure and its text.
    groklab_h.groklab_last_error();
    return new LibraryInfo(
        NativeText.at(groklab_h.groklab_version()),
        groklab_h.groklab_abi_number(),
        NativeText.at(groklab_h.groklab_build()),
        path);
  }
}
