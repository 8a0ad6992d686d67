package dev.groklab.run;

import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineInfo;
import dev.groklab.engine.LibraryInfo;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Where a run is made: versions, backend and machine, for {@code config.yaml}. */
public final class Environment {

  static final String BACKEND = "backend";
  static final String INSTRUCTION_SET = "instruction-set";

  private Environment() {}

  /**
   * Describes where runs are made by an engine.
   *
   * @param engine the engine
   * @return texts and numbers by name
   */
  public static Map<String, Object> of(EngineInfo engine) {
    LibraryInfo library = Engine.library();
    Map<String, Object> environment = new LinkedHashMap<>();
    environment.put("groklab", library.version());
    environment.put("abi", library.abiNumber());
    environment.put("build", library.build());
    environment.put("java", System.getProperty("java.vm.version"));
    environment.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    environment.put("architecture", System.getProperty("os.arch"));
    environment.put(BACKEND, engine.backend().name().toLowerCase(Locale.ROOT));
    environment.put("device", engine.device());
    environment.put(INSTRUCTION_SET, engine.instructionSet());
    environment.put("threads", engine.threads());
    return environment;
  }
}
