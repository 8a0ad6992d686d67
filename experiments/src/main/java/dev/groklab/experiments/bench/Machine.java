package dev.groklab.experiments.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineInfo;
import dev.groklab.engine.LibraryInfo;
import dev.groklab.experiments.Version;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where, when and by what something was measured.
 *
 * @param facts what there is to say, by name
 */
record Machine(Map<String, String> facts) {

  static Machine of(EngineInfo engine, List<String> command) {
    LibraryInfo library = Engine.library();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("date", LocalDate.now(ZoneId.systemDefault()).toString());
    facts.put(
        "command", "./groklab " + String.join(" ", command.stream().map(Machine::quoted).toList()));
    facts.put("device", engine.device());
    facts.put("backend", engine.backend().name().toLowerCase(Locale.ROOT));
    facts.put("instruction set", engine.instructionSet());
    facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    facts.put("groklab", Version.version());
    facts.put("library", library.version() + ", " + library.build());
    facts.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
    facts.put(
        "os",
        String.join(
            " ",
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch")));
    return new Machine(facts);
  }

  /** As a shell needs it. */
  private static String quoted(String argument) {
    return argument.matches("[\\w@%+=:,./-]+")
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }

  void print(Page page) {
    page.paragraph("# Groklab bench");
    page.line("```");
    facts.forEach((name, value) -> page.line(String.format("%-16s %s", name, value)));
    page.line("```");
    page.line("");
  }

  void write(ObjectNode json) {
    facts.forEach((name, value) -> json.put(name.replace(' ', '_'), value));
  }
}
