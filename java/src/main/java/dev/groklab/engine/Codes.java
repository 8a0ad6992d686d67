package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;

/** The ABI's numbers for the enums of this package. */
final class Codes {

  private Codes() {}

  static int of(Backend backend) {
    return switch (backend) {
      case AUTO -> groklab_h.GROKLAB_BACKEND_AUTO();
      case CPU -> groklab_h.GROKLAB_BACKEND_CPU();
      case CUDA -> groklab_h.GROKLAB_BACKEND_CUDA();
      case NAIVE -> groklab_h.GROKLAB_BACKEND_NAIVE();
      case CHECK -> groklab_h.GROKLAB_BACKEND_CHECK();
    };
  }

  static Backend backend(int code) {
    for (Backend backend : Backend.values()) {
      if (of(backend) == code) {
        return backend;
      }
    }
    throw new EngineException(
        EngineException.Status.INTERNAL_ERROR, "the engine reported an unknown backend, " + code);
  }

  static int of(Precision precision) {
    return switch (precision) {
      case FP32 -> groklab_h.GROKLAB_FP32();
      case FP64 -> groklab_h.GROKLAB_FP64();
    };
  }

  static int of(BatchLayout layout) {
    return switch (layout) {
      case AUTO -> groklab_h.GROKLAB_LAYOUT_AUTO();
      case DENSE -> groklab_h.GROKLAB_LAYOUT_DENSE();
    };
  }

  static int of(Buffer buffer) {
    return switch (buffer) {
      case PARAMETERS -> groklab_h.GROKLAB_PARAMETERS();
      case GRADIENTS -> groklab_h.GROKLAB_GRADIENTS();
      case FIRST_MOMENTS -> groklab_h.GROKLAB_FIRST_MOMENTS();
      case SECOND_MOMENTS -> groklab_h.GROKLAB_SECOND_MOMENTS();
      case MOMENTUM -> groklab_h.GROKLAB_MOMENTUM();
    };
  }
}
