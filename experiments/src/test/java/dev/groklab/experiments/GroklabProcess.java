package dev.groklab.experiments;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code groklab} in a process of its own, with this process's JDK and modules. */
final class GroklabProcess {

  private GroklabProcess() {}

  /** Starts it in a folder; what it prints is collected in {@code log.txt} there. */
  static Process start(
      Path folder, Map<String, String> environment, List<String> arguments, String... more)
      throws IOException {
    List<String> command = command();
    command.addAll(arguments);
    command.addAll(List.of(more));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log.txt").toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  static List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.awt.headless=true");
    command.add("--illegal-native-access=deny");
    String library = System.getProperty("groklab.library");
    if (library != null) {
      command.add("-Dgroklab.library=" + library);
    }
    Module module = Main.class.getModule();
    if (module.isNamed()) {
      command.add("--enable-native-access=dev.groklab.ffi,duckdb.jdbc");
      command.addAll(List.of("-p", System.getProperty("jdk.module.path")));
      command.addAll(List.of("-m", module.getName() + "/" + Main.class.getName()));
    } else {
      command.add("--enable-native-access=ALL-UNNAMED");
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    }
    return command;
  }
}
