package dev.groklab.data.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFilesTest {

  @TempDir Path folder;
  private CifarFiles files;

  @BeforeEach
  void write() throws IOException {
    files = new CifarFiles(folder.resolve("data"), 4, 3);
    files.write(new CifarFiles.Contents(Shapes.draw(0, 20, 1), Shapes.draw(20, 3, 1)));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    CifarFiles.Contents contents = files.read();
    assertThat(contents.train().records()).isEqualTo(Shapes.draw(0, 20, 1).records());
    assertThat(contents.test().records()).isEqualTo(Shapes.draw(20, 3, 1).records());
    assertThat(folder.resolve("data/data_batch_5.bin")).hasSize(4 * 3073);
    assertThat(folder.resolve("data/test_batch.bin")).hasSize(3 * 3073);
  }

  /** The format by its description: class, then red, green and blue, each by rows. */
  @Test
  void aRecordIsAClassAndThreePlanes() throws IOException {
    byte[] batch = Files.readAllBytes(folder.resolve("data/data_batch_2.bin"));
    byte[] record = new byte[3073];
    record[0] = 9;
    record[1 + 1024 + 5 * 32 + 7] = (byte) 200;
    System.arraycopy(record, 0, batch, 3073, record.length);
    Files.write(folder.resolve("data/data_batch_2.bin"), batch);
    Images train = files.read().train();
    assertThat(train.count()).isEqualTo(20);
    assertThat(train.label(5)).isEqualTo(9);
    assertThat(train.pixel(5, 1, 5, 7)).isEqualTo(200);
    assertThat(train.pixel(5, 1, 7, 5)).isZero();
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    Path file = folder.resolve("data/data_batch_3.bin");
    Files.delete(file);
    assertThatThrownBy(files::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(
            "is missing; expected are the 12,292 bytes of 4 images in CIFAR-10's binary version");
    assertThatThrownBy(() -> new CifarFiles(folder).read())
        .hasMessageContaining("data_batch_1.bin: is missing; expected are the 30,730,000 bytes");
  }

  @Test
  void aFileOfAnotherSizeIsNamed() throws IOException {
    Path file = folder.resolve("data/test_batch.bin");
    Files.write(file, new byte[3 * 3073 - 1]);
    assertThatThrownBy(files::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + ": has 9,218 bytes; expected are the 9,219 bytes of 3 images");
    Files.write(file, new byte[4 * 3073]);
    assertThatThrownBy(files::read).hasMessageContaining("has 12,292 bytes");
  }

  @Test
  void anUnknownClassIsNamed() throws IOException {
    Path file = folder.resolve("data/data_batch_1.bin");
    byte[] batch = Files.readAllBytes(file);
    batch[2 * 3073] = (byte) 250;
    Files.write(file, batch);
    assertThatThrownBy(files::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + ": image 2 has the class 250; classes are 0 to 9");
  }

  @Test
  void impossibleContentsAreRefused() {
    assertThatThrownBy(() -> new CifarFiles(folder, 0, 1)).hasMessageContaining("0 and 1 images");
    assertThatThrownBy(
            () -> files.write(new CifarFiles.Contents(Shapes.draw(0, 19, 1), Shapes.draw(0, 3, 1))))
        .hasMessage("19 training and 3 test images do not fill files of 4 and 3");
    assertThatThrownBy(() -> new Images(new byte[3072]))
        .hasMessage("3072 bytes are no whole number of records of 3073 bytes");
  }
}
