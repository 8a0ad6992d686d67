package dev.groklab.experiments.sweep;

import dev.groklab.engine.Backend;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineInfo;
import dev.groklab.engine.EngineOptions;

/**
 * What a sweep trains on. On a CPU each thread takes a run of its own, so that none waits for
 * another; a GPU wants many runs at once.
 *
 * @param engine backend, threads and processor
 */
public record Machine(EngineInfo engine) {

  /**
   * Asks the engine.
   *
   * @param backend the backend wanted
   * @param threads CPU threads, 0: all
   * @return what there is
   * @throws dev.groklab.engine.EngineException if the backend cannot be used
   */
  public static Machine of(Backend backend, int threads) {
    try (Engine engine = Engine.open(new EngineOptions(backend, threads))) {
      return new Machine(engine.info());
    }
  }

  /**
   * Whether runs of one architecture train together.
   *
   * @return true on a GPU
   */
  public boolean isTogether() {
    return engine.backend() == Backend.CUDA;
  }

  /**
   * How many things go on side by side.
   *
   * @return at least 1
   */
  public int lanes() {
    return isTogether() ? 1 : engine.threads();
  }
}
