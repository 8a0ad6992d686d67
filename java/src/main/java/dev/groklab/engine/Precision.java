package dev.groklab.engine;

/** Arithmetic of a trainer or of an op, and the type of its buffers. */
public enum Precision {
  /** IEEE binary32. */
  FP32(Float.BYTES),
  /** IEEE binary64. */
  FP64(Double.BYTES);

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Size of a number.
   *
   * @return 4 or 8
   */
  public int bytes() {
    return bytes;
  }
}
