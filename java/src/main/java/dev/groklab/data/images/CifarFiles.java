package dev.groklab.data.images;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A folder in CIFAR-10's binary version: {@code data_batch_1.bin} to {@code data_batch_5.bin} and
 * {@code test_batch.bin}, each so many {@link Images#records records} and nothing else.
 *
 * @param folder the folder
 * @param recordsPerBatch images in each of the five training files
 * @param testRecords images in the test file
 */
public record CifarFiles(Path folder, int recordsPerBatch, int testRecords) {

  /** Training files. */
  public static final int BATCHES = 5;

  private static final int CIFAR_RECORDS = 10_000;
  private static final String TEST = "test_batch.bin";

  /**
   * The training and the test images of a folder.
   *
   * @param train what the five training files hold
   * @param test what the test file holds
   */
  public record Contents(Images train, Images test) {}

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is below 1
   */
  public CifarFiles {
    if (recordsPerBatch < 1 || testRecords < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "files of %d and %d images; at least 1 is needed",
              recordsPerBatch,
              testRecords));
    }
  }

  /**
   * CIFAR-10 itself: 10,000 images a file.
   *
   * @param folder the folder that its archive holds, {@code cifar-10-batches-bin}
   */
  public CifarFiles(Path folder) {
    this(folder, CIFAR_RECORDS, CIFAR_RECORDS);
  }

  /**
   * Reads all six files.
   *
   * @return the images
   * @throws IOException if a file is missing, has another size, or holds a class that there is not;
   *     the message names it and says what was expected
   */
  public Contents read() throws IOException {
    List<Path> files = trainingFiles();
    byte[] train = new byte[Math.multiplyExact(BATCHES * recordsPerBatch, Images.RECORD_BYTES)];
    int bytes = recordsPerBatch * Images.RECORD_BYTES;
    for (int i = 0; i < BATCHES; i++) {
      byte[] records = readFile(files.get(i), recordsPerBatch).records();
      System.arraycopy(records, 0, train, i * bytes, bytes);
    }
    return new Contents(new Images(train), readFile(folder.resolve(TEST), testRecords));
  }

  /**
   * Writes all six files.
   *
   * @param contents the images
   * @throws IllegalArgumentException if there are more or fewer than the files shall hold
   * @throws IOException if a file cannot be written
   */
  public void write(Contents contents) throws IOException {
    byte[] train = contents.train().records();
    if (contents.train().count() != BATCHES * recordsPerBatch
        || contents.test().count() != testRecords) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d training and %d test images do not fill files of %d and %d",
              contents.train().count(),
              contents.test().count(),
              recordsPerBatch,
              testRecords));
    }
    Files.createDirectories(folder);
    List<Path> files = trainingFiles();
    int bytes = recordsPerBatch * Images.RECORD_BYTES;
    for (int i = 0; i < BATCHES; i++) {
      Files.write(files.get(i), Arrays.copyOfRange(train, i * bytes, (i + 1) * bytes));
    }
    Files.write(folder.resolve(TEST), contents.test().records());
  }

  private List<Path> trainingFiles() {
    List<Path> files = new ArrayList<>();
    for (int i = 1; i <= BATCHES; i++) {
      files.add(folder.resolve("data_batch_" + i + ".bin"));
    }
    return files;
  }

  private Images readFile(Path file, int records) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw failure(file, "is missing; " + expected(records));
    }
    long size = Files.size(file);
    if (size != (long) records * Images.RECORD_BYTES) {
      throw failure(file, String.format(Locale.ROOT, "has %,d bytes; %s", size, expected(records)));
    }
    try {
      return new Images(Files.readAllBytes(file));
    } catch (IllegalArgumentException e) {
      throw failure(file, e.getMessage());
    }
  }

  private static String expected(int records) {
    return String.format(
        Locale.ROOT,
        "expected are the %,d bytes of %,d images in CIFAR-10's binary version",
        (long) records * Images.RECORD_BYTES,
        records);
  }

  private static IOException failure(Path file, String problem) {
    return new FileSystemException(file.toString(), null, problem);
  }
}
