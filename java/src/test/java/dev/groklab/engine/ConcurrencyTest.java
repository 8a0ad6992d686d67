package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Uses from several threads, and closing in the middle of a call. */
@Timeout(60)
class ConcurrencyTest {

  /** Enough for a second or so, in which the other thread has its say. */
  private static final int STEPS = 4000;

  private final ExecutorService other = Executors.newSingleThreadExecutor();
  private Engine engine;
  private Dataset dataset;
  private Trainer trainer;
  private Chunk chunk;

  @BeforeEach
  void open() {
    engine = Tiny.engine(2);
    dataset = engine.dataset(Tiny.TABLE);
    trainer = engine.trainer(dataset, Tiny.options(Precision.FP64, 1));
    trainer.initialize(0, 1);
    chunk = trainer.chunk(STEPS, 49);
    for (int step = 0; step < STEPS; step++) {
      chunk.batch(0, step, Tiny.rows(0, 49), 0, 49, 1e-3);
    }
  }

  @AfterEach
  void close() {
    chunk.close();
    trainer.close();
    dataset.close();
    engine.close();
    other.shutdownNow();
  }

  @Test
  void aTrainerIsUsedByOneThreadAtATime() throws Exception {
    Future<?> run = startRun();

    assertBusy(() -> trainer.step(0), "trainer");
    assertBusy(() -> trainer.read(0, Buffer.PARAMETERS), "trainer");
    assertBusy(() -> trainer.run(chunk), "trainer");
    assertBusy(() -> chunk.loss(0, 0), "chunk");
    assertBusy(chunk::clear, "chunk");
    assertThat(trainer.replicas()).isEqualTo(1); // sizes can be asked for at any time

    run.get();
    assertThat(trainer.step(0)).isPositive().isEqualTo(trainer.step(0) / STEPS * STEPS);
  }

  @Test
  void closingWaitsForTheRun() throws Exception {
    Future<?> run = startRun();

    engine.close();
    dataset.close();
    trainer.close();

    run.get(); // it was not disturbed
    assertThat(chunk.loss(0, STEPS - 1)).isLessThan(chunk.loss(0, 0));
    assertThatThrownBy(() -> trainer.step(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the trainer is closed");
  }

  @Test
  void closingTheChunkWaitsForTheRunToo() throws Exception {
    Future<?> run = startRun();

    chunk.close();

    run.get();
    assertThat(trainer.step(0)).isPositive().isEqualTo(trainer.step(0) / STEPS * STEPS);
  }

  /** Whatever meets: each call either happens or says why not. */
  @RepeatedTest(5)
  void closingAtAnyTimeIsSafe() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> users = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        users.add(
            threads.submit(
                () -> {
                  while (true) {
                    try {
                      trainer.gradient(0, Tiny.rows(0, 20));
                      engine.dataset(Tiny.TABLE).close();
                    } catch (EngineBusyException _) {
                      Thread.onSpinWait();
                    } catch (IllegalStateException e) {
                      assertThat(e).hasMessageMatching("the (trainer|engine) is closed");
                      return;
                    }
                  }
                }));
      }
      Thread.sleep(20);
      trainer.close();
      engine.close();
      for (Future<?> user : users) {
        user.get();
      }
    }
  }

  @Test
  void enginesAndDataSetsAreSharedFreely() throws Exception {
    double expected = trainer.gradient(0, Tiny.rows(0, 49));
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Double>> losses = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        losses.add(
            threads.submit(
                () -> {
                  try (Trainer own = engine.trainer(dataset, Tiny.options(Precision.FP64, 1))) {
                    own.initialize(0, 1);
                    return own.gradient(0, Tiny.rows(0, 49));
                  }
                }));
      }
      for (Future<Double> loss : losses) {
        assertThat(loss.get()).isEqualTo(expected);
      }
    }
  }

  /** Returns when the other thread is inside; runs again if it was too quick to be seen. */
  private Future<?> startRun() throws Exception {
    Future<?> run = other.submit(this::runOnceFree);
    while (true) {
      try {
        trainer.step(0);
      } catch (EngineBusyException _) {
        return run;
      }
      if (run.isDone()) {
        run.get();
        run = other.submit(this::runOnceFree);
      }
      Thread.sleep(1);
    }
  }

  private void runOnceFree() {
    while (true) {
      try {
        trainer.run(chunk);
        return;
      } catch (EngineBusyException _) {
        Thread.onSpinWait(); // the main thread was looking
      }
    }
  }

  private static void assertBusy(Runnable use, String what) {
    assertThatThrownBy(use::run)
        .isInstanceOfSatisfying(
            EngineBusyException.class,
            e -> assertThat(e.status()).isEqualTo(EngineException.Status.BUSY))
        .hasMessage(
            "the " + what + " is in use by another thread; one thread at a time may use it");
  }
}
