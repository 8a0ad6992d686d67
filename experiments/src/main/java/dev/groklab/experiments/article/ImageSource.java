package dev.groklab.experiments.article;

import dev.groklab.data.RandomStream;
import dev.groklab.data.images.CifarFiles;
import dev.groklab.data.images.Images;
import dev.groklab.data.images.Shapes;
import dev.groklab.run.ConfigException;
import dev.groklab.run.IoFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/** Where images come from. */
sealed interface ImageSource {

  /** Number of training images. */
  int train();

  /** Number of test images. */
  int test();

  /** What they are, in words. */
  String describe();

  /**
   * The images.
   *
   * @param folder where those that are drawn are written to
   * @throws IOException if they cannot be
   */
  CifarFiles.Contents images(Path folder) throws IOException;

  /**
   * A random part of CIFAR-10, which is read here and now.
   *
   * @param train number of training images; empty: all
   * @param test number of test images; empty: all
   * @param seed which images these are
   * @throws ConfigException if the files are not what they should be
   */
  static ImageSource cifar(Path folder, Optional<String> train, Optional<String> test, long seed) {
    CifarFiles.Contents contents;
    try {
      contents = new CifarFiles(folder).read();
    } catch (IOException e) {
      throw new ConfigException("data", IoFailure.describe(e));
    }
    return new Read(
        folder,
        new CifarFiles.Contents(
            part(contents.train(), "train-images", train, seed, 2),
            part(contents.test(), "test-images", test, seed, 3)));
  }

  private static Images part(
      Images images, String option, Optional<String> count, long seed, int stream) {
    if (count.isEmpty()) {
      return images;
    }
    int wanted = Values.whole(option, count.get(), 1, images.count());
    int[] order = IntStream.range(0, images.count()).toArray();
    new RandomStream(seed, RandomStream.Purpose.SAMPLES, stream).shuffle(order);
    return images.select(Arrays.copyOf(order, wanted));
  }

  /**
   * Shapes, which are drawn when they are asked for.
   *
   * @param train number of training images; empty: 300
   * @param test number of test images; empty: 1000
   * @param seed what the images depend on
   */
  static ImageSource shapes(Optional<String> train, Optional<String> test, long seed) {
    return new Drawn(
        Values.whole("train-images", train.orElse("300"), 1, Drawn.MOST),
        Values.whole("test-images", test.orElse("1000"), 1, Drawn.MOST),
        seed);
  }

  /** Images that were read. */
  record Read(Path from, CifarFiles.Contents contents) implements ImageSource {

    @Override
    public int train() {
      return contents.train().count();
    }

    @Override
    public int test() {
      return contents.test().count();
    }

    @Override
    public String describe() {
      return from.toString();
    }

    @Override
    public CifarFiles.Contents images(Path folder) {
      return contents;
    }
  }

  /** Images that are drawn, written in CIFAR-10's format and read from there. */
  record Drawn(int train, int test, long seed) implements ImageSource {

    private static final int MOST = 50_000;
    private static final int FIRST_TEST = 1_000_000_000; // far from any training image

    @Override
    public String describe() {
      return "drawn shapes";
    }

    @Override
    public CifarFiles.Contents images(Path folder) throws IOException {
      int perBatch = Math.ceilDiv(train, CifarFiles.BATCHES);
      CifarFiles files = new CifarFiles(folder, perBatch, test);
      files.write(
          new CifarFiles.Contents(
              Shapes.draw(0, CifarFiles.BATCHES * perBatch, seed),
              Shapes.draw(FIRST_TEST, test, seed)));
      CifarFiles.Contents contents = files.read();
      int[] first = IntStream.range(0, train).toArray();
      return new CifarFiles.Contents(contents.train().select(first), contents.test());
    }
  }
}
