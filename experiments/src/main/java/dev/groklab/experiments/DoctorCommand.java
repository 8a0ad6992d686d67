package dev.groklab.experiments;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.groklab.engine.Backend;
import dev.groklab.engine.BackendInfo;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineException;
import dev.groklab.engine.EngineInfo;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.LibraryInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code groklab doctor}: what is here, and whether it works. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    header = "Say what is here, and whether it works.",
    description = {
      "Show versions, the processor's features, and each backend with the reason why it is or is"
          + " not usable.",
      "Exit status 0 if some backend can train, else 1."
    })
final class DoctorCommand implements Callable<Integer> {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Override
  public Integer call() throws IOException {
    ObjectNode report = JSON.createObjectNode();
    report.put("groklab", Version.version());
    report.put("java", Runtime.version().toString());
    report.put("java_vendor", System.getProperty("java.vendor"));
    report.put(
        "os",
        String.join(
            " ",
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch")));
    boolean usable = describeEngine(report);
    print(report);
    return usable ? 0 : 1;
  }

  /** Whether some backend can train. */
  private static boolean describeEngine(ObjectNode report) {
    try {
      LibraryInfo library = Engine.library();
      report.put("library", library.path().toString());
      report.put("library_version", library.version());
      report.put("abi", library.abiNumber());
      report.put("build", library.build());
    } catch (EngineException e) {
      report.put("problem", e.getMessage());
      return false;
    }
    boolean usable = false;
    ArrayNode backends = report.putArray("backends");
    for (BackendInfo backend : Engine.backends()) {
      usable |= backend.usable();
      backends
          .addObject()
          .put("name", backend.backend().name().toLowerCase(Locale.ROOT))
          .put("usable", backend.usable())
          .put("detail", backend.detail());
    }
    try (Engine engine = Engine.open(new EngineOptions(Backend.CPU, 0))) {
      EngineInfo info = engine.info();
      report.put("processor", info.device());
      report.put("instruction_set", info.instructionSet());
      report.put("threads", info.threads());
    } catch (EngineException e) {
      report.put("problem", e.getMessage());
    }
    return usable;
  }

  private void print(ObjectNode report) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (asJson) {
      out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report));
      return;
    }
    report
        .properties()
        .forEach(
            field -> {
              if (field.getValue().isValueNode()) {
                String name = field.getKey().replace('_', ' ');
                out.printf("%-16s %s%n", name, field.getValue().asText());
              }
            });
    report
        .path("backends")
        .forEach(
            backend ->
                out.printf(
                    "backend %-8s %s: %s%n",
                    backend.path("name").asText(),
                    backend.path("usable").asBoolean() ? "usable" : "not usable",
                    backend.path("detail").asText()));
  }
}
