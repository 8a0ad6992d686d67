package dev.groklab.peers.djl;

import ai.djl.engine.Engine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** DJL as a peer: answers the requests of {@code groklab bench}, see ../README.md. */
public final class Main {

  private Main() {}

  /**
   * Answers until the input ends.
   *
   * @param arguments {@code --inputs DIR --model NAME --p N --layers N --dim N --heads N --hidden N
   *     --threads N}
   * @throws IOException if the inputs cannot be read
   */
  public static void main(String[] arguments) throws IOException {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      options.put(arguments[i], arguments[i + 1]);
    }
    // DJL reads both when its engine starts.
    System.setProperty("ai.djl.pytorch.num_threads", options.get("--threads"));
    System.setProperty("ai.djl.offline", "true");
    Sizes sizes =
        new Sizes(
            number(options, "--p"),
            number(options, "--layers"),
            number(options, "--dim"),
            number(options, "--heads"),
            number(options, "--hidden"));
    Inputs inputs = Inputs.read(Path.of(options.get("--inputs")));
    try (Steps steps = new Steps(options.get("--model"), sizes, inputs)) {
      answer(steps);
    }
  }

  private static int number(Map<String, String> options, String name) {
    return Integer.parseInt(options.get(name));
  }

  private static void answer(Steps steps) throws IOException {
    PrintStream out = System.out;
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    out.println(
        "ready DJL "
            + Engine.getDjlVersion()
            + " on PyTorch "
            + Engine.getEngine("PyTorch").getVersion());
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] request = line.split(" ", -1);
      int count = Integer.parseInt(request[1]);
      switch (request[0]) {
        case "losses" ->
            out.println(
                IntStream.range(0, count)
                    .mapToObj(_ -> Double.toString(steps.loss()))
                    .collect(Collectors.joining(" ", "losses ", "")));
        case "block" -> {
          long begin = System.nanoTime();
          for (int i = 0; i < count; i++) {
            steps.step();
          }
          out.println("block " + (System.nanoTime() - begin) / 1e6);
        }
        default -> throw new IOException("'" + line + "' is no request");
      }
    }
  }
}
