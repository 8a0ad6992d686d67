package dev.groklab.ffi.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
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
          return library(content).extract(cache);
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
    Path one = library(bytes(1, 1000)).extract(cache);
    Path other = library(bytes(2, 1000)).extract(cache);

    assertThat(one).isNotEqualTo(other).hasBinaryContent(bytes(1, 1000));
    assertThat(other).hasBinaryContent(bytes(2, 1000));
    assertThat(files()).hasSize(2);
  }

  @Test
  void aDamagedCopyIsReplaced() throws IOException {
    byte[] content = bytes(1, 1000);
    Path copy = library(content).extract(cache);
    Files.write(copy, bytes(2, 500));

    assertThat(library(content).extract(cache)).isEqualTo(copy);
    assertThat(copy).hasBinaryContent(content);
  }

  @Test
  void thePluginLiesBesideTheLibrary() throws IOException {
    byte[] plugin = bytes(3, 2000);
    BundledLibrary bundled =
        new BundledLibrary(
            new TreeMap<>(Map.of(Platform.LIBRARY, bytes(1, 1000), Platform.CUDA_PLUGIN, plugin)));

    Path copy = bundled.extract(cache);
    Path beside = copy.resolveSibling(Platform.CUDA_PLUGIN);

    assertThat(copy).hasBinaryContent(bytes(1, 1000));
    assertThat(beside).hasBinaryContent(plugin);
    assertThat(library(bytes(1, 1000)).extract(cache).getParent()).isNotEqualTo(copy.getParent());
    Files.write(beside, bytes(4, 2000));
    assertThat(bundled.extract(cache)).isEqualTo(copy);
    assertThat(beside).hasBinaryContent(plugin);
  }

  @Test
  void aCacheThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.createFile(cache.resolve("file"));

    assertThatExceptionOfType(NativeLibraryException.class)
        .isThrownBy(() -> library(bytes(1, 10)).extract(file))
        .withMessageContaining(file.toString())
        .withMessageContaining(NativeLibrary.CACHE_PROPERTY);
  }

  private static BundledLibrary library(byte[] content) {
    return new BundledLibrary(new TreeMap<>(Map.of(Platform.LIBRARY, content)));
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
