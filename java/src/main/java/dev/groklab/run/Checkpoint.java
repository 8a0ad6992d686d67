package dev.groklab.run;

import dev.groklab.engine.Buffer;
import dev.groklab.engine.Optimizer;
import dev.groklab.engine.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All that a replica needs to go on: one safetensors file with its parameters and what its
 * optimizer keeps ({@code parameters.NAME}, {@code first_moments.NAME}, {@code
 * second_moments.NAME}, {@code momentum.NAME}) and its counters. One file, so that its renaming
 * replaces the whole checkpoint at once. Batches and masks need nothing: they are functions of the
 * step.
 *
 * @param step steps made
 * @param seconds wall-clock time spent on them
 */
record Checkpoint(long step, double seconds) {

  private static final String FORMAT = "groklab-checkpoint-1";

  /** Writes the state of a replica, atomically. */
  static void write(Path file, Trainer trainer, int replica, Optimizer optimizer, double seconds)
      throws IOException {
    List<Tensor> tensors = new ArrayList<>();
    for (Buffer buffer : buffers(optimizer)) {
      tensors.addAll(Weights.read(trainer, replica, buffer, prefix(buffer)));
    }
    Map<String, String> counters = new LinkedHashMap<>();
    counters.put("format", FORMAT);
    counters.put("step", Long.toString(trainer.step(replica)));
    counters.put("seconds", Double.toString(seconds));
    Safetensors.write(file, tensors, counters);
  }

  /**
   * Reads a checkpoint into a replica.
   *
   * @throws FormatException if the file is none, or another model's or optimizer's
   */
  static Checkpoint read(Path file, Trainer trainer, int replica, Optimizer optimizer)
      throws IOException {
    Safetensors contents = Safetensors.read(file);
    Map<String, String> counters = contents.metadata();
    if (!FORMAT.equals(counters.get("format"))) {
      throw new FormatException(file, "is no " + FORMAT);
    }
    Checkpoint checkpoint;
    try {
      checkpoint =
          new Checkpoint(
              Long.parseLong(counters.getOrDefault("step", "")),
              Double.parseDouble(counters.getOrDefault("seconds", "")));
      trainer.setStep(replica, checkpoint.step);
    } catch (IllegalArgumentException _) {
      throw new FormatException(file, "its counters cannot be read: " + counters);
    }
    for (Buffer buffer : buffers(optimizer)) {
      Weights.write(trainer, replica, buffer, prefix(buffer), file, contents.tensors());
    }
    return checkpoint;
  }

  private static List<Buffer> buffers(Optimizer optimizer) {
    List<Buffer> buffers = new ArrayList<>(List.of(Buffer.PARAMETERS));
    buffers.addAll(optimizer.buffers());
    return buffers;
  }

  private static String prefix(Buffer buffer) {
    return buffer.name().toLowerCase(Locale.ROOT) + ".";
  }
}
