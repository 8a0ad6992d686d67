package dev.groklab.engine;

import dev.groklab.engine.EngineException.Status;
import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.loading.NativeText;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/** The conventions of the C ABI: status codes, sized structs, handles. */
final class Native {

  private Native() {}

  /**
   * Turns a status into nothing or an exception. The engine keeps its message for the thread that
   * made the failing call, so this must follow the call at once.
   */
  static void check(int status) {
    if (status != groklab_h.GROKLAB_OK()) {
      throw failure(status, NativeText.at(groklab_h.groklab_last_error()));
    }
  }

  private static RuntimeException failure(int status, String message) {
    if (status == groklab_h.GROKLAB_INVALID_ARGUMENT()) {
      return new IllegalArgumentException(message);
    } else if (status == groklab_h.GROKLAB_BACKEND_UNAVAILABLE()) {
      return new BackendUnavailableException(message);
    } else if (status == groklab_h.GROKLAB_BUSY()) {
      return new EngineBusyException(message);
    } else if (status == groklab_h.GROKLAB_INVALID_HANDLE()) {
      return new EngineException(Status.INVALID_HANDLE, message);
    } else if (status == groklab_h.GROKLAB_UNSUPPORTED()) {
      return new EngineException(Status.UNSUPPORTED, message);
    } else if (status == groklab_h.GROKLAB_OUT_OF_MEMORY()) {
      return new EngineException(Status.OUT_OF_MEMORY, message);
    } else if (status == groklab_h.GROKLAB_DEVICE_ERROR()) {
      return new EngineException(Status.DEVICE_ERROR, message);
    } else if (status == groklab_h.GROKLAB_DISAGREEMENT()) {
      return new EngineException(Status.DISAGREEMENT, message);
    }
    return new EngineException(Status.INTERNAL_ERROR, message);
  }

  /** A zeroed struct, which says its own size in its first field as the ABI wants. */
  static MemorySegment struct(SegmentAllocator allocator, GroupLayout layout) {
    MemorySegment struct = allocator.allocate(layout);
    struct.set(ValueLayout.JAVA_INT, 0, (int) layout.byteSize());
    return struct;
  }

  /** Room for a handle that a create function returns. */
  static MemorySegment handleSlot(SegmentAllocator allocator) {
    return allocator.allocate(ValueLayout.ADDRESS);
  }

  static MemorySegment handle(MemorySegment slot) {
    return slot.get(ValueLayout.ADDRESS, 0);
  }
}
