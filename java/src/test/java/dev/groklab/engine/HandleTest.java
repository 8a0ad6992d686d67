package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.ffi.groklab_dataset_options;
import dev.groklab.ffi.groklab_engine_info;
import dev.groklab.ffi.groklab_engine_options;
import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.loading.NativeText;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Below the Java objects: the ABI itself refuses handles that are not valid. */
class HandleTest {

  @BeforeAll
  static void load() {
    NativeLibrary.load();
  }

  @Test
  void destroyedHandlesAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment options = Native.struct(arena, groklab_engine_options.layout());
      groklab_engine_options.backend(options, groklab_h.GROKLAB_BACKEND_CPU());
      groklab_engine_options.threads(options, 1);
      MemorySegment slot = Native.handleSlot(arena);
      Native.check(groklab_h.groklab_engine_create(options, slot));
      MemorySegment engine = Native.handle(slot);
      Native.check(groklab_h.groklab_engine_destroy(engine));

      MemorySegment info = Native.struct(arena, groklab_engine_info.layout());
      MemorySegment dataset = Native.struct(arena, groklab_dataset_options.layout());
      assertInvalidHandle(groklab_h.groklab_engine_destroy(engine));
      assertInvalidHandle(groklab_h.groklab_engine_query(engine, info));
      assertInvalidHandle(groklab_h.groklab_dataset_create(engine, dataset, slot));
    }
  }

  @Test
  void foreignHandlesAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment foreign = arena.allocate(64);
      MemorySegment info = Native.struct(arena, groklab_engine_info.layout());
      assertInvalidHandle(groklab_h.groklab_engine_query(foreign, info));
      assertInvalidHandle(groklab_h.groklab_engine_query(MemorySegment.NULL, info));
      assertInvalidHandle(groklab_h.groklab_trainer_destroy(foreign));
      assertInvalidHandle(groklab_h.groklab_dataset_destroy(MemorySegment.ofAddress(1)));
      assertInvalidHandle(groklab_h.groklab_trainer_run(foreign, foreign));
    }
  }

  @Test
  void destroyingNullDoesNothing() {
    assertThat(groklab_h.groklab_engine_destroy(MemorySegment.NULL)).isZero();
    assertThat(groklab_h.groklab_dataset_destroy(MemorySegment.NULL)).isZero();
    assertThat(groklab_h.groklab_trainer_destroy(MemorySegment.NULL)).isZero();
  }

  private static void assertInvalidHandle(int status) {
    assertThat(status).isEqualTo(groklab_h.GROKLAB_INVALID_HANDLE());
    assertThat(NativeText.at(groklab_h.groklab_last_error())).isNotBlank();
  }
}
