package dev.groklab.engine;

/** Where an engine computes. */
public enum Backend {
  /** CUDA where a GPU is usable, else the CPU. */
  AUTO,
  /** Vectorised and threaded; runs everywhere. */
  CPU,
  /** NVIDIA GPUs. */
  CUDA,
  /** Plain loops in double precision: the reference of the tests. */
  NAIVE,
  /**
   * The backend that {@link #AUTO} would choose and {@link #NAIVE} side by side, slowly. The first
   * loss, gradient, update or evaluation on which they disagree is an {@link EngineException} that
   * names the step and the tensor.
   */
  CHECK
}
