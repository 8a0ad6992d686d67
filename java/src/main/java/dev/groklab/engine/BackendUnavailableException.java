package dev.groklab.engine;

/** The backend, or the instruction set, that was asked for cannot be used on this machine. */
public final class BackendUnavailableException extends EngineException {

  private static final long serialVersionUID = 1L;

  /**
   * A backend that cannot be used.
   *
   * @param message why not
   */
  public BackendUnavailableException(String message) {
    super(Status.BACKEND_UNAVAILABLE, message);
  }
}
