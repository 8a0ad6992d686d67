/**
 * The native engine as Java objects. {@link dev.groklab.engine.Engine} is a backend with its
 * threads; {@link dev.groklab.engine.Dataset} a token table that it holds; {@link
 * dev.groklab.engine.Trainer} replicas of one model that train together, many steps a call, on what
 * a {@link dev.groklab.engine.Chunk} says; {@link dev.groklab.engine.Ops} the single ops.
 *
 * <p>Everything here that is {@link AutoCloseable} owns native memory. Closing twice is fine;
 * closing waits for a call that runs on another thread; any use after it is an {@link
 * IllegalStateException}. Arguments that the engine refuses are an {@link IllegalArgumentException}
 * with its words, other failures an {@link dev.groklab.engine.EngineException}.
 *
 * <p>The package calls {@code dev.groklab.ffi}, which nothing else may, and reads {@link
 * dev.groklab.data.TokenTable}.
 */
package dev.groklab.engine;
