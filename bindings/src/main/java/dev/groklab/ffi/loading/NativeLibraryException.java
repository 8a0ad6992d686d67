package dev.groklab.ffi.loading;

import java.io.Serial;

/** The native library is missing, broken, or of another ABI. The message says which, and where. */
public final class NativeLibraryException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * An exception without a cause.
   *
   * @param message what is wrong with which file, and what would be right
   */
  public NativeLibraryException(String message) {
    super(message);
  }

  /**
   * An exception with a cause.
   *
   * @param message what is wrong with which file, and what would be right
   * @param cause what was caught
   */
  public NativeLibraryException(String message, Throwable cause) {
    super(message, cause);
  }
}
