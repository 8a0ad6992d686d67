package dev.groklab.data.text;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Parallel text: line n of one file is the translation of line n of the other. */
final class ParallelFiles {

  private ParallelFiles() {}

  /** The pairs of the files {@code NAME.de} and {@code NAME.en} of a folder, each also as .gz. */
  static List<SentencePair> read(Path folder, String name) throws IOException {
    Path german = find(folder, name + ".de");
    Path english = find(folder, name + ".en");
    List<String> sources = lines(german);
    List<String> targets = lines(english);
    if (sources.size() != targets.size()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has %d lines, but %s has %d; line n of one must translate line n of the other",
              german,
              sources.size(),
              english,
              targets.size()));
    }
    List<SentencePair> pairs = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      pairs.add(new SentencePair(sources.get(i), targets.get(i)));
    }
    return pairs;
  }

  private static Path find(Path folder, String name) throws IOException {
    Path plain = folder.resolve(name);
    Path compressed = folder.resolve(name + ".gz");
    if (Files.isRegularFile(plain)) {
      return plain;
    }
    if (Files.isRegularFile(compressed)) {
      return compressed;
    }
    throw new FileNotFoundException(
        String.format(
            Locale.ROOT,
            "%s is missing, and so is %s.gz; train.de, train.en, val.de and val.en are needed",
            plain,
            name));
  }

  private static List<String> lines(Path file) throws IOException {
    byte[] bytes = bytes(file);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // reports what is malformed
    List<String> lines = new ArrayList<>();
    for (int begin = 0; begin < bytes.length; ) {
      int end = begin;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      try {
        ByteBuffer line = ByteBuffer.wrap(Arrays.copyOfRange(bytes, begin, end));
        lines.add(decoder.decode(line).toString().strip());
      } catch (CharacterCodingException e) {
        throw new IOException(
            String.format(Locale.ROOT, "%s, line %d: not UTF-8", file, lines.size() + 1), e);
      }
      begin = end + 1;
    }
    return lines;
  }

  private static byte[] bytes(Path file) throws IOException {
    if (!file.toString().endsWith(".gz")) {
      return Files.readAllBytes(file);
    }
    try (InputStream compressed = new BufferedInputStream(Files.newInputStream(file));
        InputStream plain = new GZIPInputStream(compressed)) {
      return plain.readAllBytes();
    } catch (ZipException | EOFException e) {
      throw new IOException(file + ": not a whole gzip file: " + e.getMessage(), e);
    }
  }
}
