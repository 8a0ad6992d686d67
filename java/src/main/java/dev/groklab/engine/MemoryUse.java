package dev.groklab.engine;

/**
 * Memory of a trainer in bytes, as they are asked for; what a GPU's driver adds to round them up is
 * not among them.
 *
 * @param hostBytes of the host's memory, page-locked memory included
 * @param deviceBytes of the backend's own: a GPU's
 */
public record MemoryUse(long hostBytes, long deviceBytes) {

  /**
   * Both together.
   *
   * @return at least 0
   */
  public long totalBytes() {
    return hostBytes + deviceBytes;
  }
}
