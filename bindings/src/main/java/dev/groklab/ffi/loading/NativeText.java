package dev.groklab.ffi.loading;

import java.lang.foreign.MemorySegment;

/** Text that the library returns. */
public final class NativeText {
  private NativeText() {}

  /**
   * Copies a zero-terminated UTF-8 string.
   *
   * @param address a {@code const char*} from the library, not null
   * @return its text
   */
  @SuppressWarnings("restricted") // The length of C text is known by its last byte only.
  public static String at(MemorySegment address) {
    return address.reinterpret(Long.MAX_VALUE).getString(0);
  }
}
