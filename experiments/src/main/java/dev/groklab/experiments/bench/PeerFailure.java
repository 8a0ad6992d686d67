package dev.groklab.experiments.bench;

/** Why a peer cannot take part: one line, for the reader of the page. */
final class PeerFailure extends Exception {
  private static final long serialVersionUID = 1L;

  PeerFailure(String reason) {
    super(reason);
  }

  PeerFailure(String reason, Throwable cause) {
    super(reason, cause);
  }
}
