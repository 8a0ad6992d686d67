package dev.groklab.engine;

/**
 * What an engine turned out to be.
 *
 * @param backend the backend in use, never {@link Backend#AUTO}
 * @param threads CPU threads in use
 * @param instructionSet the processor's instructions in use, such as {@code avx2}
 * @param device name of the processor or GPU
 * @param notice for {@link Backend#AUTO}, why a better backend was passed over; else empty
 */
public record EngineInfo(
    Backend backend, int threads, String instructionSet, String device, String notice) {}
