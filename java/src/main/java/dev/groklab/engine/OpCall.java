package dev.groklab.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One call of an op: its struct, and the checks of the buffers that are put into it. Native code
 * trusts their sizes, so they must be native memory, alive, aligned, and as large as the extents
 * say.
 */
final class OpCall implements AutoCloseable {

  /** A function of the ABI that takes an engine and a struct. */
  @FunctionalInterface
  interface Function {
    int call(MemorySegment engine, MemorySegment struct);
  }

  private final Engine engine;
  private final int realBytes;
  private final Guard.Use use;
  private final Arena arena = Arena.ofConfined(); // owns nothing until the engine is in use
  private final MemorySegment struct;

  /** The struct holds bare addresses; this keeps what they point to reachable until the end. */
  private final List<MemorySegment> buffers = new ArrayList<>();

  OpCall(Engine engine, Precision precision, GroupLayout layout) {
    this.engine = engine;
    this.realBytes = precision.bytes();
    this.use = engine.use();
    this.struct = Native.struct(arena, layout);
  }

  MemorySegment struct() {
    return struct;
  }

  void run(Function function) {
    Native.check(function.call(engine.handle(), struct));
  }

  /** A buffer of reals that the op reads. */
  MemorySegment in(String name, MemorySegment buffer, long... extents) {
    return check(name, buffer, realBytes, extents);
  }

  /** As {@link #in}, or null for none. */
  MemorySegment inOrNull(String name, MemorySegment buffer, long... extents) {
    return buffer == null ? MemorySegment.NULL : in(name, buffer, extents);
  }

  /** A buffer of reals that the op writes. */
  MemorySegment out(String name, MemorySegment buffer, long... extents) {
    return check(name, writable(name, buffer), realBytes, extents);
  }

  /** As {@link #out}, or null for not wanted. */
  MemorySegment outOrNull(String name, MemorySegment buffer, long... extents) {
    return buffer == null ? MemorySegment.NULL : out(name, buffer, extents);
  }

  /** A buffer of int32 that the op reads. */
  MemorySegment ints(String name, MemorySegment buffer, long... extents) {
    return check(name, buffer, Integer.BYTES, extents);
  }

  /** As {@link #ints}, or null for none. */
  MemorySegment intsOrNull(String name, MemorySegment buffer, long... extents) {
    return buffer == null ? MemorySegment.NULL : ints(name, buffer, extents);
  }

  /** A buffer of int32 that the op writes. */
  MemorySegment outInts(String name, MemorySegment buffer, long... extents) {
    return check(name, writable(name, buffer), Integer.BYTES, extents);
  }

  /** Copies a value per replica into native memory. */
  MemorySegment copy(String name, double[] values, long replicas) {
    Arguments.requireLength(name, values.length, replicas);
    return arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values);
  }

  /** Copies a value per replica into native memory. */
  MemorySegment copy(String name, long[] values, long replicas) {
    Arguments.requireLength(name, values.length, replicas);
    return arena.allocateFrom(ValueLayout.JAVA_LONG, values);
  }

  /** Copies an optimizer per replica into native memory. */
  MemorySegment copy(List<Optimizer> optimizers, double[] clipNorms, long replicas) {
    Arguments.requireLength("the list of optimizers", optimizers.size(), replicas);
    Arguments.requireLength("the array of clip norms", clipNorms.length, replicas);
    return OptimizerStructs.array(arena, optimizers, clipNorms);
  }

  /** Room for a double per replica that the op returns. */
  MemorySegment doubles(long replicas) {
    Arguments.requireAtLeast("replicas", replicas, 1);
    return arena.allocate(ValueLayout.JAVA_DOUBLE, replicas);
  }

  private static MemorySegment writable(String name, MemorySegment buffer) {
    if (buffer.isReadOnly()) {
      throw new IllegalArgumentException(name + " is read-only, but the op writes it");
    }
    return buffer;
  }

  private MemorySegment check(
      String name, MemorySegment buffer, long elementBytes, long... extents) {
    if (!buffer.isNative()) {
      throw new IllegalArgumentException(
          name + " lies in the Java heap; ops need native memory, as an Arena allocates it");
    }
    if (!buffer.scope().isAlive()) {
      throw new IllegalStateException("the arena of " + name + " is closed");
    }
    if (!buffer.isAccessibleBy(Thread.currentThread())) {
      throw new IllegalStateException("the arena of " + name + " belongs to another thread");
    }
    if (buffer.address() % elementBytes != 0) {
      throw new IllegalArgumentException(
          name + " is not aligned to its elements of " + elementBytes + " bytes");
    }
    long expected = bytes(name, elementBytes, extents);
    if (buffer.byteSize() != expected) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s has %d bytes; %s elements of %d bytes each are %d",
              name,
              buffer.byteSize(),
              Arrays.toString(extents),
              elementBytes,
              expected));
    }
    buffers.add(buffer);
    return buffer;
  }

  private static long bytes(String name, long elementBytes, long... extents) {
    long bytes = elementBytes;
    for (long extent : extents) {
      Arguments.requireAtLeast("an extent of " + name, extent, 0);
      try {
        bytes = Math.multiplyExact(bytes, extent);
      } catch (ArithmeticException _) {
        throw new IllegalArgumentException(
            name + " would be too large: " + Arrays.toString(extents) + " elements");
      }
    }
    return bytes;
  }

  @Override
  public void close() {
    try {
      arena.close();
      use.close();
    } finally {
      Reference.reachabilityFence(buffers);
    }
  }
}
