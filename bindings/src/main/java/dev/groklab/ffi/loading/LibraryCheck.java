package dev.groklab.ffi.loading;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.groklab.ffi.groklab_h;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;

/**
 * Looks at a library before it is loaded for good: a JVM cannot get rid of a library once loaded,
 * and calling one of another ABI would be a crash and not an error.
 */
final class LibraryCheck {
  private static final String ABI_NUMBER = "groklab_abi_number";

  private LibraryCheck() {}

  /**
   * Throws a {@link NativeLibraryException} unless the file is a library of these bindings' ABI.
   */
  static void check(Path library) {
    if (Platform.isLinux()) {
      ElfFile.requireWhole(library);
    }
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup symbols;
      try {
        symbols = lookup(library, arena);
      } catch (IllegalArgumentException _) {
        return; // The system refuses the file, and System.load will tell its reason.
      }
      MemorySegment function =
          symbols
              .find(ABI_NUMBER)
              .orElseThrow(
                  () ->
                      new NativeLibraryException(
                          "%s is no Groklab library: it has no function %s"
                              .formatted(library, ABI_NUMBER)));
      int theirs = call(function);
      int ours = groklab_h.GROKLAB_ABI_NUMBER();
      if (theirs != ours) {
        throw new NativeLibraryException(
            "%s has ABI number %s, but this version of Groklab needs %d"
                .formatted(library, Integer.toUnsignedString(theirs), ours));
      }
    }
  }

  @SuppressWarnings("restricted")
  private static SymbolLookup lookup(Path library, Arena arena) {
    return SymbolLookup.libraryLookup(library, arena);
  }

  @SuppressWarnings("restricted")
  private static int call(MemorySegment function) {
    try {
      return (int)
          Linker.nativeLinker()
              .downcallHandle(function, FunctionDescriptor.of(JAVA_INT))
              .invokeExact();
    } catch (Throwable e) {
      throw new AssertionError("a C function throws nothing", e);
    }
  }
}
