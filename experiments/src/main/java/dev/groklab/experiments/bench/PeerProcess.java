package dev.groklab.experiments.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A peer at work: requests go in, one line each, and answers come out. */
final class PeerProcess implements AutoCloseable {

  private static final long SECONDS_TO_END = 5;

  private final Process process;
  private final BufferedWriter in;
  private final BufferedReader out;
  private final Path errors;

  private PeerProcess(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    in = process.outputWriter(StandardCharsets.UTF_8);
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  static PeerProcess start(List<String> command) throws PeerFailure {
    Path errors = null;
    try {
      errors = Files.createTempFile("groklab-peer", ".log");
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      return new PeerProcess(process, errors);
    } catch (IOException e) {
      delete(errors);
      throw new PeerFailure("it could not be started: " + e.getMessage(), e);
    }
  }

  /**
   * Waits until it has loaded everything.
   *
   * @return its version and variant
   */
  String awaitReady() throws PeerFailure {
    return answer("ready");
  }

  /** Losses of its next steps, each before its update. */
  double[] losses(int steps) throws PeerFailure {
    request("losses", steps);
    String answer = answer("losses");
    double[] losses = Arrays.stream(answer.split(" ", -1)).mapToDouble(this::number).toArray();
    if (losses.length != steps) {
      throw new PeerFailure("asked for " + steps + " losses it gave " + losses.length);
    }
    return losses;
  }

  /** Seconds that its next steps take together. */
  double run(int steps) throws PeerFailure {
    begin(steps);
    return end();
  }

  /** Has it begin with steps; {@link #end} waits for them. */
  void begin(int steps) throws PeerFailure {
    request("block", steps);
  }

  /** Seconds that the steps begun took together, by its own clock. */
  double end() throws PeerFailure {
    return number(answer("block")) / 1e3;
  }

  private double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException _) {
      return Double.NaN;
    }
  }

  private void request(String what, int count) throws PeerFailure {
    try {
      in.write(what + " " + count + "\n");
      in.flush();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private String answer(String to) throws PeerFailure {
    try {
      String line = out.readLine();
      if (line == null || !line.startsWith(to + " ")) {
        throw failure(null);
      }
      return line.substring(to.length() + 1);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** With the last that it said about itself. */
  private PeerFailure failure(IOException cause) {
    process.destroyForcibly();
    String last = "it ended without a word";
    try {
      last =
          Files.readString(errors, StandardCharsets.ISO_8859_1)
              .lines()
              .filter(line -> !line.isBlank())
              .reduce((_, next) -> next)
              .map(String::strip)
              .orElse(last);
    } catch (IOException _) {
      // Then there is nothing to be known.
    }
    return new PeerFailure(last, cause);
  }

  /** Ends the process. */
  @Override
  public void close() {
    try {
      in.close();
      if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException _) {
      process.destroyForcibly();
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    delete(errors);
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException _) {
      // A temporary file; the system will.
    }
  }
}
