package dev.groklab.run;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The loss of every step's batch, before its update: {@code step,batch_loss}, steps from 1, losses
 * with as many digits as bring back the same double.
 */
final class StepLog implements Closeable {

  private static final String HEADER = "step,batch_loss";

  private final CsvLog csv;

  private StepLog(CsvLog csv) {
    this.csv = csv;
  }

  /** Refuses to write over a file that is no such log. */
  static void requireUsable(Path file) throws IOException {
    if (Files.exists(file) && !(Files.isRegularFile(file) && CsvLog.isLog(file, HEADER))) {
      throw new FormatException(
          file, "is there already and is no list of " + HEADER + "; it was left as it is");
    }
  }

  /** Opens a log for the steps after {@code step}; what it has of them is dropped. */
  static StepLog open(Path file, long step) throws IOException {
    requireUsable(file);
    return new StepLog(
        step == 0 ? CsvLog.create(file, HEADER) : CsvLog.resume(file, HEADER, s -> s <= step));
  }

  void add(long step, double loss) throws IOException {
    csv.add(step + "," + loss);
  }

  void flush() throws IOException {
    csv.flush();
  }

  @Override
  public void close() throws IOException {
    csv.close();
  }
}
