package dev.groklab.engine;

/** Something that one thread at a time may use is in use by another thread. */
public final class EngineBusyException extends EngineException {

  private static final long serialVersionUID = 1L;

  /**
   * Something in use.
   *
   * @param message what is in use
   */
  public EngineBusyException(String message) {
    super(Status.BUSY, message);
  }
}
