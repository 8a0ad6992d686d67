package dev.groklab.run;

import dev.groklab.data.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Exact inputs recorded from a run of another framework, so that it can be repeated step for step.
 * A folder with any of
 *
 * <ul>
 *   <li>{@code init.safetensors}: the initial parameters by name, F32 or F64;
 *   <li>{@code train_rows.npy}: int32 [n], the training rows' numbers in the task's table;
 *   <li>{@code batches.npy}: int32 [steps, batch], the table rows of each step; a short batch is
 *       filled up with −1 at its end.
 * </ul>
 *
 * @param init the initial parameters, and the file they come from
 * @param split the split, if the training rows are recorded
 * @param batches the rows of each step, if they are recorded
 */
record Replay(Optional<Safetensors> init, Optional<Split> split, Optional<int[][]> batches) {

  private static final String INIT = "init.safetensors";
  private static final String TRAIN_ROWS = "train_rows.npy";
  private static final String BATCHES = "batches.npy";

  /**
   * Reads a folder.
   *
   * @param tableRows rows of the task's table
   * @throws ConfigException if a file is not as it should be; the message names it
   */
  static Replay read(Path folder, int tableRows) {
    try {
      requireInputs(folder);
      return new Replay(
          Files.exists(initFile(folder))
              ? Optional.of(Safetensors.read(initFile(folder)))
              : Optional.empty(),
          readSplit(folder.resolve(TRAIN_ROWS), tableRows),
          readBatches(folder.resolve(BATCHES), tableRows));
    } catch (IOException e) {
      throw new ConfigException(ConfigKey.REPLAY.key(), IoFailure.describe(e));
    }
  }

  /** Where the initial parameters lie. */
  static Path initFile(Path folder) {
    return folder.resolve(INIT);
  }

  /**
   * Number of steps, and rows of a batch, of the recorded batches.
   *
   * @return two numbers, empty if no batches are recorded
   * @throws ConfigException if the folder or the file is not as it should be
   */
  static Optional<int[]> batchesShape(Path folder) {
    try {
      requireInputs(folder);
      Path file = folder.resolve(BATCHES);
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      int[] shape = Npy.readShape(file, 2);
      if (shape[0] == 0 || shape[1] == 0) {
        throw new FormatException(file, "its shape " + Arrays.toString(shape) + " is empty");
      }
      return Optional.of(shape);
    } catch (IOException e) {
      throw new ConfigException(ConfigKey.REPLAY.key(), IoFailure.describe(e));
    }
  }

  private static void requireInputs(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new FormatException(folder, "is no folder");
    }
    if (Stream.of(INIT, TRAIN_ROWS, BATCHES).noneMatch(n -> Files.exists(folder.resolve(n)))) {
      throw new FormatException(
          folder, "holds none of " + INIT + ", " + TRAIN_ROWS + " and " + BATCHES);
    }
  }

  private static Optional<Split> readSplit(Path file, int tableRows) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Split.ofTrainRows(tableRows, Npy.read(file, 1).values()));
    } catch (IllegalArgumentException e) {
      throw new FormatException(file, e.getMessage());
    }
  }

  private static Optional<int[][]> readBatches(Path file, int tableRows) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Npy array = Npy.read(file, 2);
    int width = array.shape()[1];
    int[][] batches = new int[array.shape()[0]][];
    for (int step = 0; step < batches.length; step++) {
      int[] rows = Arrays.copyOfRange(array.values(), step * width, (step + 1) * width);
      int count = width;
      while (count > 0 && rows[count - 1] == -1) {
        count--;
      }
      if (count == 0) {
        throw new FormatException(file, "step " + (step + 1) + " has no rows");
      }
      for (int i = 0; i < count; i++) {
        if (rows[i] < 0 || rows[i] >= tableRows) {
          throw new FormatException(
              file,
              String.format(
                  "row %d at step %d, place %d is not in the table; its rows are 0 to %d",
                  rows[i], step + 1, i, tableRows - 1));
        }
      }
      batches[step] = Arrays.copyOf(rows, count);
    }
    return Optional.of(batches);
  }
}
