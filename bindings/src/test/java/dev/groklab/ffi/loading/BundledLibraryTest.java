package dev.groklab.ffi.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cache of the library that the jar carries. */
final class BundledLibraryTest {
  @TempDir Path cache;

  @Test
  void manyCopyAtOnceAndAllGetOneWholeFile() throws Exception {
    int threads = 8;
    byte[] content = bytes(1, 300_000);
    CyclicBarrier start = new CyclicBarrier(threads);
    Callable<Path> copy =
        () -> {
          start.await();
          return new BundledLibrary(content).extract(cache);
        };

    List<Path> copies = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<Path> result :
          pool.invokeAll(Stream.generate(() -> copy).limit(threads).toList())) {
        copies.add(result.get());
      }
    }

    assertThat(copies).hasSize(threads).containsOnly(copies.getFirst());
    assertThat(copies.getFirst()).hasBinaryContent(content);
    assertThat(files()).containsExactly(copies.getFirst());
  }

  @Test
  void anotherContentGetsAnotherFile() throws IOException {
    Path one = new BundledLibrary(bytes(1, 1000)).extract(cache);
    Path other = new BundledLibrary(bytes(2, 1000)).extract(cache);

    assertThat(one).isNotEqualTo(other).hasBinaryContent(bytes(1, 1000));
    assertThat(other).hasBinaryContent(bytes(2, 1000));
    assertThat(files()).hasSize(2);
  }

  @Test
  void aDamagedCopyIsReplaced() throws IOException {
    byte[] content = bytes(1, 1000);
    Path copy = new BundledLibrary(content).extract(cache);
    Files.write(copy, bytes(2, 500));

    assertThat(new BundledLibrary(content).extract(cache)).isEqualTo(copy);
    assertThat(copy).hasBinaryContent(content);
  }

  @Test
  void aCacheThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.createFile(cache.resolve("file"));

    assertThatExceptionOfType(NativeLibraryException.class)
        .isThrownBy(() -> new BundledLibrary(bytes(1, 10)).extract(file))
        .withMessageContaining(file.toString())
        .withMessageContaining(NativeLibrary.CACHE_PROPERTY);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> tree = Files.walk(cache)) {
      return tree.filter(Files::isRegularFile).toList();
    }
  }

  private static byte[] bytes(long seed, int count) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
