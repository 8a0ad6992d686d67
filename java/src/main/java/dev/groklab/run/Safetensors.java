package dev.groklab.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The contents of a safetensors file: an 8-byte little-endian length N, N bytes of JSON that give
 * type, shape and place of each tensor, then the tensors' bytes. Readable without running code.
 *
 * @param tensors the tensors by name, in the order of the file
 * @param metadata free text by name
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public record Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {

  private static final int LENGTH_BYTES = 8;
  private static final long MAX_HEADER_BYTES = 100_000_000; // the format's own limit
  private static final String METADATA = "__metadata__";
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * Writes a file, atomically.
   *
   * @param file the file; its folder exists
   * @param tensors what to write, in this order; no name twice
   * @param metadata free text by name
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, Collection<Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = header.putObject(METADATA);
      metadata.forEach(node::put);
    }
    long offset = 0;
    for (Tensor tensor : tensors) {
      if (header.has(tensor.name())) {
        throw new IllegalArgumentException("two tensors are named " + tensor.name());
      }
      ObjectNode node = header.putObject(tensor.name());
      node.put("dtype", tensor.type().name());
      ArrayNode shape = node.putArray("shape");
      tensor.shape().forEach(shape::add);
      node.putArray("data_offsets").add(offset).add(offset + tensor.bytes().length);
      offset += tensor.bytes().length;
    }
    byte[] json = JSON.writeValueAsBytes(header);
    byte[] padded = Arrays.copyOf(json, Math.ceilDiv(json.length, 8) * 8); // aligns the data
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    byte[] length =
        ByteBuffer.allocate(LENGTH_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(padded.length)
            .array();
    AtomicFile.write(
        file,
        out -> {
          out.write(length);
          out.write(padded);
          for (Tensor tensor : tensors) {
            out.write(tensor.bytes());
          }
        });
  }

  /**
   * Reads a file whose tensors are all F32 or F64.
   *
   * @param file the file
   * @return its contents
   * @throws FormatException if it is no such file; the message names the tensor at fault
   * @throws IOException if it cannot be read
   */
  public static Safetensors read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw new FormatException(file, "no safetensors file: only " + size + " bytes long");
      }
      long headerBytes =
          ByteBuffer.wrap(bytes(channel, 0, LENGTH_BYTES)).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, size - LENGTH_BYTES)) {
        throw new FormatException(
            file, "no safetensors file: its header would be " + headerBytes + " bytes long");
      }
      JsonNode header = header(file, bytes(channel, LENGTH_BYTES, (int) headerBytes));
      long start = LENGTH_BYTES + headerBytes;
      List<Entry> entries = entries(file, header);
      requireContiguous(file, entries, size - start);

      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Entry entry : entries) {
        byte[] data = bytes(channel, start + entry.begin, (int) (entry.end - entry.begin));
        tensors.put(entry.name, new Tensor(entry.name, entry.type, entry.shape, data));
      }
      return new Safetensors(tensors, metadata(file, header));
    } catch (IOException e) {
      throw IoFailure.naming(file, e);
    }
  }

  /** Where a tensor lies: bytes begin … end−1 after the header. */
  private record Entry(String name, Tensor.Type type, List<Long> shape, long begin, long end) {}

  private static JsonNode header(Path file, byte[] json) throws FormatException {
    JsonNode header;
    try {
      header = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new FormatException(
          file, "no safetensors file: its header is no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new FormatException(file, "no safetensors file: its header is no JSON text");
    }
    if (header instanceof ObjectNode) {
      return header;
    }
    throw new FormatException(file, "no safetensors file: its header is no JSON object");
  }

  private static List<Entry> entries(Path file, JsonNode header) throws FormatException {
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : header.properties()) {
      if (!field.getKey().equals(METADATA)) {
        entries.add(entry(file, field.getKey(), field.getValue()));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    return entries;
  }

  private static Entry entry(Path file, String name, JsonNode node) throws FormatException {
    String tensor = "tensor " + name + ": ";
    String dtype = node.path("dtype").asText();
    Tensor.Type type =
        switch (dtype) {
          case "F32" -> Tensor.Type.F32;
          case "F64" -> Tensor.Type.F64;
          default ->
              throw new FormatException(
                  file, tensor + "its type is '" + dtype + "'; F32 or F64 is needed");
        };
    List<Long> shape = numbers(node.path("shape"));
    List<Long> offsets = numbers(node.path("data_offsets"));
    if (shape == null || offsets == null || offsets.size() != 2) {
      throw new FormatException(file, tensor + "its shape or data_offsets are no list of counts");
    }
    long begin = offsets.get(0);
    long end = offsets.get(1);
    long needed;
    try {
      needed = Math.multiplyExact(Tensor.count(shape), (long) type.size());
    } catch (ArithmeticException e) {
      throw new FormatException(file, tensor + "its shape " + shape + " is too large");
    }
    if (end - begin != needed) {
      throw new FormatException(
          file, tensor + "shape " + shape + " needs " + needed + " bytes, it has " + (end - begin));
    }
    if (needed > Integer.MAX_VALUE - 8) {
      throw new FormatException(file, tensor + needed + " bytes are more than can be read");
    }
    return new Entry(name, type, shape, begin, end);
  }

  /** A list of integers ≥ 0; null if the node is anything else. */
  private static List<Long> numbers(JsonNode node) {
    if (!node.isArray()) {
      return null;
    }
    List<Long> numbers = new ArrayList<>();
    for (JsonNode number : node) {
      if (!number.canConvertToLong() || !number.isIntegralNumber() || number.asLong() < 0) {
        return null;
      }
      numbers.add(number.asLong());
    }
    return numbers;
  }

  /** Tensors lie end to end and fill the file: no overlap, no hole, nothing missing. */
  private static void requireContiguous(Path file, List<Entry> entries, long dataBytes)
      throws FormatException {
    long offset = 0;
    for (Entry entry : entries) {
      if (entry.begin != offset) {
        throw new FormatException(
            file,
            "tensor "
                + entry.name
                + ": its data begin at "
                + entry.begin
                + (entry.begin < offset ? ", inside another tensor's" : ", after a hole"));
      }
      offset = entry.end;
      if (offset > dataBytes) {
        throw new FormatException(
            file,
            "tensor " + entry.name + ": its data end at " + offset + " of " + dataBytes + " bytes");
      }
    }
    if (offset != dataBytes) {
      throw new FormatException(file, (dataBytes - offset) + " bytes belong to no tensor");
    }
  }

  private static Map<String, String> metadata(Path file, JsonNode header) throws FormatException {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : header.path(METADATA).properties()) {
      if (!field.getValue().isTextual()) {
        throw new FormatException(file, METADATA + ": " + field.getKey() + " is no text");
      }
      metadata.put(field.getKey(), field.getValue().asText());
    }
    return metadata;
  }

  private static byte[] bytes(FileChannel channel, long position, int count) throws IOException {
    byte[] bytes = new byte[count];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("it ends too early");
      }
    }
    return bytes;
  }
}
