package dev.groklab.engine;

/** The native library is missing, broken, or not the one that belongs to this Java library. */
public final class NativeLibraryException extends EngineException {

  private static final long serialVersionUID = 1L;

  /**
   * A library that cannot be used.
   *
   * @param message which one, why not, and what would help
   * @param cause what the loader said; may be null
   */
  public NativeLibraryException(String message, Throwable cause) {
    super(Status.LIBRARY_UNUSABLE, message, cause);
  }
}
