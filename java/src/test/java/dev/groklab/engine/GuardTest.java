package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rules of {@link Guard}, with calls that last as long as the test wants. */
@Timeout(60)
class GuardTest {

  private final Guard guard = new Guard("thing");
  private final ExecutorService others = Executors.newCachedThreadPool();
  private final CountDownLatch leave = new CountDownLatch(1);

  @AfterEach
  void end() {
    leave.countDown();
    others.shutdown();
  }

  @Test
  void ownersExcludeEachOther() throws Exception {
    Future<?> other = enter(guard::own);

    assertThatThrownBy(guard::own)
        .isInstanceOf(EngineBusyException.class)
        .hasMessage("the thing is in use by another thread; one thread at a time may use it");

    leave.countDown();
    other.get();
    guard.own().close();
  }

  @Test
  void sharersDoNot() throws Exception {
    Future<?> other = enter(guard::share);

    guard.share().close();

    leave.countDown();
    other.get();
  }

  @Test
  void closingWaitsForAnOwner() throws Exception {
    closingWaitsFor(enter(guard::own));
  }

  @Test
  void closingWaitsForASharer() throws Exception {
    closingWaitsFor(enter(guard::share));
  }

  private void closingWaitsFor(Future<?> user) throws Exception {
    AtomicInteger released = new AtomicInteger();
    Future<?> first = others.submit(() -> guard.close(released::incrementAndGet));
    Future<?> second = others.submit(() -> guard.close(released::incrementAndGet));

    assertThatThrownBy(() -> first.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    assertThat(released).hasValue(0);
    assertClosed(guard::own); // new uses are refused at once, not kept waiting
    assertClosed(guard::share);

    leave.countDown();
    user.get();
    first.get();
    second.get();
    assertThat(released).hasValue(1);
    assertClosed(guard::own);
    assertClosed(guard::share);
  }

  /** What could not be given back is not tried again, and does not keep the lock. */
  @Test
  void aFailureToReleaseIsReportedOnce() {
    assertThatThrownBy(
            () ->
                guard.close(
                    () -> {
                      throw new EngineBusyException("no");
                    }))
        .isInstanceOf(EngineBusyException.class);

    guard.close(() -> assertThat(true).as("released twice").isFalse());
    assertClosed(guard::own);
  }

  private static void assertClosed(Supplier<Guard.Use> use) {
    assertThatThrownBy(use::get)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the thing is closed");
  }

  /** Has another thread be inside until {@link #leave}; returns when it is. */
  private Future<?> enter(Supplier<Guard.Use> use) throws InterruptedException {
    CountDownLatch entered = new CountDownLatch(1);
    Future<?> user =
        others.submit(
            () -> {
              try (Guard.Use _ = use.get()) {
                entered.countDown();
                leave.await();
              }
              return null;
            });
    entered.await();
    return user;
  }
}
