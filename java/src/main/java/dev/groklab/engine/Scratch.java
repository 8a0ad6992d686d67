package dev.groklab.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory that grows on demand and is used again and again. */
final class Scratch implements AutoCloseable {

  private static final long ALIGNMENT = 64; // a cache line

  private Arena arena = Arena.ofShared();
  private MemorySegment memory = arena.allocate(ALIGNMENT, ALIGNMENT); // never a null address

  /** Memory of exactly so many bytes, whose contents are arbitrary; ends what was given before. */
  @SuppressWarnings("MustBeClosedChecker") // close() does
  MemorySegment ofBytes(long bytes) {
    if (memory.byteSize() < bytes) {
      Arena larger = Arena.ofShared();
      memory = larger.allocate(bytes, ALIGNMENT);
      arena.close();
      arena = larger;
    }
    return memory.asSlice(0, bytes);
  }

  @Override
  public void close() {
    arena.close();
  }
}
