package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

  @TempDir Path folder;

  @Property(tries = 100)
  void whatIsWrittenIsRead(@ForAll("tensors") List<Tensor> tensors) throws IOException {
    Path file = Files.createTempFile("groklab", ".safetensors");
    try {
      Map<String, String> metadata = Map.of("step", "12", "quote", "\"\n");
      Safetensors.write(file, tensors, metadata);
      Safetensors read = Safetensors.read(file);
      assertThat(read.metadata()).isEqualTo(metadata);
      assertThat(read.tensors().keySet())
          .containsExactlyElementsOf(tensors.stream().map(Tensor::name).toList());
      for (Tensor tensor : tensors) {
        Tensor other = read.tensors().get(tensor.name());
        assertThat(other.type()).isEqualTo(tensor.type());
        assertThat(other.shape()).isEqualTo(tensor.shape());
        assertThat(other.bytes()).isEqualTo(tensor.bytes());
      }
    } finally {
      Files.delete(file);
    }
  }

  @Provide
  Arbitrary<List<Tensor>> tensors() {
    Arbitrary<String> names = Arbitraries.strings().withCharRange('a', 'z').ofLength(6);
    Arbitrary<List<Long>> shapes = Arbitraries.longs().between(0, 5).list().ofMaxSize(3);
    Arbitrary<Tensor> tensor =
        Combinators.combine(names, Arbitraries.of(Tensor.Type.class), shapes, Arbitraries.bytes())
            .as(
                (name, type, shape, fill) -> {
                  byte[] bytes = new byte[(int) Tensor.count(shape) * type.size()];
                  Arrays.fill(bytes, fill);
                  return new Tensor(name, type, shape, bytes);
                });
    return tensor.list().ofMaxSize(5).uniqueElements(Tensor::name);
  }

  @Test
  void headerIsAlignedAndReadableElsewhere() throws IOException {
    Path file = folder.resolve("a.safetensors");
    byte[] one = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(1).array();
    Safetensors.write(file, List.of(new Tensor("w", Tensor.Type.F32, List.of(1L), one)), Map.of());
    byte[] bytes = Files.readAllBytes(file);
    long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(length % 8).isZero();
    assertThat(new String(bytes, 8, (int) length, StandardCharsets.UTF_8).strip())
        .isEqualTo("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}");
    assertThat(Arrays.copyOfRange(bytes, 8 + (int) length, bytes.length)).isEqualTo(one);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1]                                                            | no JSON object",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1]                         | is no JSON",
        "{\"w\":1}                                                      | w: its type",
        "{\"w\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}} | w: its type is 'I64'",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}                       | w: its shape or"
            + " data_off",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}| w: its shape or"
            + " data_off",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | w: shape [3] needs 12",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}| w: its data end at 16",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | w: its data begin at 4",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | 4 bytes belong to no",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"v\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
            + " | v: its data begin at 0, inside",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,8]}}"
            + " | w: its shape",
        "{\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
            + "\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}} | Duplicate",
      })
  void damagedHeadersAreRefusedByName(String header, String problem) throws IOException {
    Path file = folder.resolve("damaged.safetensors");
    Files.write(file, file(header.getBytes(StandardCharsets.UTF_8), 8));
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(problem);
  }

  @Property(tries = 200)
  void noDamageIsMoreThanARefusal(
      @ForAll byte[] noise, @net.jqwik.api.constraints.IntRange(max = 60) @ForAll int place)
      throws IOException {
    Path file = Files.createTempFile("groklab", ".safetensors");
    try {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("w", new Tensor("w", Tensor.Type.F32, List.of(2L), new byte[8]));
      Safetensors.write(file, tensors.values(), Map.of());
      byte[] bytes = Files.readAllBytes(file);
      for (int i = 0; i < noise.length && place + i < bytes.length; i++) {
        bytes[place + i] = noise[i];
      }
      Files.write(file, bytes);
      try {
        assertThat(Safetensors.read(file).tensors().values())
            .allSatisfy(t -> assertThat(t.bytes()).hasSizeLessThanOrEqualTo(8));
      } catch (FormatException e) {
        assertThat(e).hasMessageStartingWith(file.toString());
      }
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void shortFilesAndAbsurdLengthsAreRefused() throws IOException {
    Path file = folder.resolve("short.safetensors");
    Files.write(file, new byte[3]);
    assertThatThrownBy(() -> Safetensors.read(file)).hasMessageContaining("only 3 bytes long");
    Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, 0});
    assertThatThrownBy(() -> Safetensors.read(file)).hasMessageContaining("header would be -1");
    Files.write(file, new byte[] {100, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
    assertThatThrownBy(() -> Safetensors.read(file)).hasMessageContaining("header would be 100");
  }

  private static byte[] file(byte[] header, int dataBytes) {
    return ByteBuffer.allocate(8 + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }
}
