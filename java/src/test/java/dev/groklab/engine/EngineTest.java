package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.groklab.data.TokenTable;
import dev.groklab.ffi.groklab_h;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EngineTest {

  @Test
  void describesTheLibrary() {
    LibraryInfo library = Engine.library();

    assertThat(library.version()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(library.abiNumber()).isEqualTo(groklab_h.GROKLAB_ABI_NUMBER());
    assertThat(library.build()).isNotBlank();
    assertThat(library.path()).isAbsolute().isRegularFile();
  }

  @Test
  void describesEveryBackend() {
    List<BackendInfo> backends = Engine.backends();

    assertThat(backends)
        .extracting(BackendInfo::backend)
        .containsExactlyInAnyOrder(Backend.CPU, Backend.CUDA, Backend.NAIVE, Backend.CHECK);
    assertThat(backends).allSatisfy(info -> assertThat(info.detail()).isNotBlank());
    assertThat(backends)
        .filteredOn(info -> info.backend() != Backend.CUDA)
        .allMatch(BackendInfo::usable);
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void opensABackendByName(Backend backend) {
    try (Engine engine = Engine.open(new EngineOptions(backend, 1))) {
      assertThat(engine.info().backend()).isEqualTo(backend);
      assertThat(engine.info().threads()).isEqualTo(1);
      assertThat(engine.info().instructionSet()).isNotBlank();
      assertThat(engine.info().notice()).isEmpty();
    }
  }

  @Test
  void autoPicksAUsableBackendAndSaysWhy() {
    boolean gpu =
        Engine.backends().stream()
            .anyMatch(info -> info.backend() == Backend.CUDA && info.usable());
    try (Engine engine = Engine.open(new EngineOptions(Backend.AUTO, 0))) {
      assertThat(engine.info().backend()).isEqualTo(gpu ? Backend.CUDA : Backend.CPU);
      assertThat(engine.info().threads()).isPositive();
      assertThat(engine.info().notice().isEmpty()).isEqualTo(gpu);
    }
  }

  @Test
  void saysWhyABackendCannotBeUsed() {
    BackendInfo cuda =
        Engine.backends().stream()
            .filter(info -> info.backend() == Backend.CUDA)
            .findAny()
            .orElseThrow();
    if (cuda.usable()) {
      return;
    }
    assertThatThrownBy(() -> Engine.open(new EngineOptions(Backend.CUDA, 0)))
        .isInstanceOfSatisfying(
            BackendUnavailableException.class,
            e -> assertThat(e.status()).isEqualTo(EngineException.Status.BACKEND_UNAVAILABLE))
        .hasMessageContaining(cuda.detail());
  }

  @Test
  void refusesOtherNumbersOfThreads() {
    assertThatThrownBy(() -> new EngineOptions(Backend.CPU, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads is -1; at least 0 is allowed");
    assertThatThrownBy(() -> Tiny.engine(1025))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("threads is 1025; allowed are 0 to 1024");
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "NAIVE"})
  void measuresItsPeak(Backend backend) {
    try (Engine engine = Engine.open(new EngineOptions(backend, 1))) {
      for (Precision precision : Precision.values()) {
        Peak peak = engine.measurePeak(precision, Duration.ofMillis(10));

        // Wide, for other work may run beside: no processor is so slow, no core so fast.
        assertThat(peak.flops()).isBetween(1e8, 5e12);
        assertThat(peak.bytesPerSecond()).isBetween(1e8, 1e12);
      }
    }
  }

  @Test
  void refusesOtherDurationsOfAMeasurement() {
    try (Engine engine = Tiny.engine(1)) {
      for (Duration duration : List.of(Duration.ZERO, Duration.ofSeconds(601))) {
        assertThatThrownBy(() -> engine.measurePeak(Precision.FP32, duration))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "seconds is " + duration.toSeconds() + "; allowed are numbers from 0.001 to 600");
      }
      assertThatThrownBy(() -> engine.measurePeak(Precision.FP32, Duration.ofSeconds(-1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("seconds is -1");
    }
  }

  @Test
  void refusesTokensOutsideTheVocabulary() {
    try (Engine engine = Tiny.engine(1)) {
      assertThatThrownBy(
              () -> engine.dataset(new TokenTable(3, 2, new int[] {0, 1, 2, 3}, new int[2])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("token 3 in row 1 is outside the vocabulary, 0 to 2");
      assertThatThrownBy(() -> engine.dataset(new TokenTable(3, 2, new int[4], new int[] {0, -1})))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("target -1 in row 1 is outside the vocabulary, 0 to 2");
      assertThatThrownBy(() -> engine.dataset(new TokenTable(3, 4097, new int[4097], new int[1])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("sequence_length is 4097; allowed are 1 to 4096");
    }
  }

  @Test
  void dataSetsKnowTheirSizes() {
    try (Engine engine = Tiny.engine(1);
        Dataset dataset = engine.dataset(Tiny.TABLE)) {
      assertThat(dataset.rows()).isEqualTo(49);
      assertThat(dataset.vocabulary()).isEqualTo(9);
      assertThat(dataset.sequenceLength()).isEqualTo(4);
    }
  }

  @Test
  void refusesAnotherEnginesDataSet() {
    try (Engine engine = Tiny.engine(1);
        Engine other = Tiny.engine(1);
        Dataset dataset = other.dataset(Tiny.TABLE)) {
      assertThatThrownBy(() -> engine.trainer(dataset, Tiny.options(Precision.FP32, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the data set belongs to another engine");
    }
  }

  @Test
  void parentsMayBeClosedFirst() {
    Engine engine = Tiny.engine(2);
    Dataset dataset = engine.dataset(Tiny.TABLE);
    try (Trainer trainer = engine.trainer(dataset, Tiny.options(Precision.FP32, 1))) {
      trainer.initialize(0, 1);
      double before = trainer.gradient(0, Tiny.rows(0, 10));

      engine.close();
      dataset.close();

      assertThat(trainer.gradient(0, Tiny.rows(0, 10))).isEqualTo(before);
    }
  }

  @Test
  void closingTwiceIsFine() {
    Engine engine = Tiny.engine(1);
    Dataset dataset = engine.dataset(Tiny.TABLE);
    Trainer trainer = engine.trainer(dataset, Tiny.options(Precision.FP32, 1));
    Chunk chunk = trainer.chunk(1, 1);
    for (int i = 0; i < 2; i++) {
      assertThatCode(chunk::close).doesNotThrowAnyException();
      assertThatCode(trainer::close).doesNotThrowAnyException();
      assertThatCode(dataset::close).doesNotThrowAnyException();
      assertThatCode(engine::close).doesNotThrowAnyException();
    }
  }
}
