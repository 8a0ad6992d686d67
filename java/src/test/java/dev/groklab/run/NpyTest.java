package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyTest {

  @TempDir Path folder;

  @Property(tries = 100)
  void readsInt32AndInt64InAllVersions(
      @ForAll int[] values, @ForAll boolean wide, @ForAll @IntRange(min = 1, max = 3) int version)
      throws IOException {
    Path file = Files.createTempFile("groklab", ".npy");
    try {
      String shape = "(" + values.length + ",)";
      Files.write(
          file, NpyBytes.of(version, wide ? "<i8" : "<i4", "False", shape, values, wide ? 8 : 4));
      Npy array = Npy.read(file, 1);
      assertThat(array.values()).isEqualTo(values);
      assertThat(array.shape()).containsExactly(values.length);
    } finally {
      Files.delete(file);
    }
  }

  @Property(tries = 50)
  void readsWhatItWrites(@ForAll int[] values) throws IOException {
    Path file = Files.createTempFile("groklab", ".npy");
    try {
      new Npy(new int[] {values.length}, values).write(file);
      assertThat(Npy.read(file, 1).values()).isEqualTo(values);
      new Npy(new int[] {1, values.length}, values).write(file);
      assertThat(Npy.read(file, 2).values()).isEqualTo(values);
      assertThat(Npy.readShape(file, 2)).containsExactly(1, values.length);
      // NumPy wants the data to begin at a multiple of 64 bytes.
      assertThat(Files.size(file) % 64).isEqualTo(values.length * 4 % 64);
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void readsTwoDimensionsInCOrder() throws IOException {
    Path file = folder.resolve("a.npy");
    Files.write(file, NpyBytes.of(new int[][] {{1, 2, 3}, {4, 5, -1}}));
    Npy array = Npy.read(file, 2);
    assertThat(array.shape()).containsExactly(2, 3);
    assertThat(array.values()).containsExactly(1, 2, 3, 4, 5, -1);
    assertThat(Npy.readShape(file, 2)).containsExactly(2, 3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | <f4 | False | (2, 2)   | its type is '<f4'",
        "1 | >i4 | False | (2, 2)   | its type is '>i4'",
        "1 | <i4 | True  | (2, 2)   | Fortran order",
        "1 | <i4 | False | (4,)     | 2 extents are needed",
        "1 | <i4 | False | (2, 1, 2)| 2 extents are needed",
        "1 | <i4 | False | (2, 3)   | ends too early",
        "1 | <i4 | False | (2, 1)   | longer than its shape",
        "1 | <i4 | False | (2, -2)  | cannot be read",
        "1 | <i4 | False | (2, x)   | cannot be read",
        "1 | <i4 | maybe | (2, 2)   | has no order",
        "7 | <i4 | False | (2, 2)   | version 7",
      })
  void foreignFilesAreRefused(
      int version, String type, String fortran, String shape, String problem) throws IOException {
    Path file = folder.resolve("foreign.npy");
    Files.write(file, NpyBytes.of(version, type, fortran, shape, new int[] {1, 2, 3, 4}, 4));
    assertThatThrownBy(() -> Npy.read(file, 2))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(problem);
  }

  @Test
  void otherContentsAreRefused() throws IOException {
    Path file = folder.resolve("text.npy");
    Files.writeString(file, "step,batch_loss\n1,2\n");
    assertThatThrownBy(() -> Npy.read(file, 1)).hasMessageContaining("no NumPy file");
    Files.writeString(file, "");
    assertThatThrownBy(() -> Npy.read(file, 1)).hasMessageContaining("no NumPy file");
    Files.write(file, NpyBytes.of(1, "<i8", "False", "(1,)", new int[] {0, 1}, 4));
    assertThatThrownBy(() -> Npy.read(file, 1)).hasMessageContaining("value 4294967296");
  }

  @Property(tries = 200)
  void noDamageIsMoreThanARefusal(@ForAll byte[] noise, @ForAll @IntRange(max = 140) int place)
      throws IOException {
    Path file = Files.createTempFile("groklab", ".npy");
    try {
      byte[] bytes = NpyBytes.of(new int[][] {{1, 2}, {3, 4}});
      for (int i = 0; i < noise.length && place + i < bytes.length; i++) {
        bytes[place + i] = noise[i];
      }
      Files.write(file, bytes);
      try {
        assertThat(Npy.read(file, 2).values()).hasSize(4);
      } catch (FormatException e) {
        assertThat(e).hasMessageStartingWith(file.toString());
      }
    } finally {
      Files.delete(file);
    }
  }
}
