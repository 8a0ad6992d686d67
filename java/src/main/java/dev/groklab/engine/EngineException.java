package dev.groklab.engine;

/** The engine could not do what was asked, though the arguments were allowed. */
public class EngineException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Kinds of failure. */
  public enum Status {
    /** A handle was not valid: a fault in this library. */
    INVALID_HANDLE,
    /** Meaningful, but not offered by this library or backend. */
    UNSUPPORTED,
    /** The backend asked for cannot be used on this machine. */
    BACKEND_UNAVAILABLE,
    /** Host or device memory did not suffice. */
    OUT_OF_MEMORY,
    /** In use by another thread. */
    BUSY,
    /** The device failed; the trainer is unusable from now on. */
    DEVICE_ERROR,
    /** Two backends that ran side by side disagree; see {@link Backend#CHECK}. */
    DISAGREEMENT,
    /** A fault in the native library. */
    INTERNAL_ERROR,
    /** The native library is missing, broken, or not the one that belongs to this Java library. */
    LIBRARY_UNUSABLE
  }

  /** What kind of failure this is. */
  private final Status status;

  /**
   * A failure.
   *
   * @param status its kind
   * @param message what was wrong, and what would be right
   */
  public EngineException(Status status, String message) {
    this(status, message, null);
  }

  /**
   * A failure with a cause.
   *
   * @param status its kind
   * @param message what was wrong, and what would be right
   * @param cause what was caught; null for nothing
   */
  public EngineException(Status status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /**
   * The kind of failure.
   *
   * @return never null
   */
  public Status status() {
    return status;
  }
}
