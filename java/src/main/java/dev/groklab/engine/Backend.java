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
  NAIVE
}
