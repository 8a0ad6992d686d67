package dev.groklab.experiments.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SchedulerTest {

  private final AtomicInteger busy = new AtomicInteger();
  private final AtomicInteger mostBusy = new AtomicInteger();
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  /** Ends when it may, or pauses. */
  private class Work implements Scheduler.Task {
    private final String name;
    private final double seconds;
    private final CountDownLatch end;
    private CountDownLatch paused = new CountDownLatch(1);

    Work(String name, double seconds, CountDownLatch end) {
      this.name = name;
      this.seconds = seconds;
      this.end = end;
    }

    @Override
    public double secondsLeft() {
      return seconds;
    }

    @Override
    public List<Work> run(int threads) {
      mostBusy.accumulateAndGet(busy.addAndGet(threads), Math::max);
      log.add(name + " with " + threads);
      boolean ended = awaitEither();
      busy.addAndGet(-threads);
      if (ended) {
        end.countDown();
      }
      paused = new CountDownLatch(1);
      return ended ? List.of() : List.of(this);
    }

    private boolean awaitEither() {
      while (end.getCount() > 0 && paused.getCount() > 0) {
        Thread.onSpinWait();
      }
      return end.getCount() == 0;
    }

    @Override
    public void pause() {
      paused.countDown();
    }
  }

  private static CountDownLatch now() {
    return new CountDownLatch(0);
  }

  @Test
  void theLongestGoFirstAndNoThreadIsDealtOutTwice() throws InterruptedException {
    Scheduler scheduler = new Scheduler(1, 0);
    scheduler.run(
        List.of(
            new Work("short", 1, now()), new Work("long", 9, now()), new Work("mid", 5, now())));
    assertThat(log).containsExactly("long with 1", "mid with 1", "short with 1");

    Scheduler several = new Scheduler(3, 1e9);
    several.run(IntStream.range(0, 50).mapToObj(i -> new Work("w", i, now())).toList());
    assertThat(mostBusy.get()).isBetween(1, 3);
    assertThat(busy.get()).isZero();
  }

  @Test
  void fewTasksShareAllThreads() throws InterruptedException {
    new Scheduler(8, 0).run(List.of(new Work("a", 3, now()), new Work("b", 2, now())));
    assertThat(log).contains("a with 4");
    log.clear();
    new Scheduler(8, 0).run(List.of(new Work("alone", 3, now())));
    assertThat(log).containsExactly("alone with 8");
  }

  /** What runs at last gets the threads that others have left. */
  @Test
  void threadsThatAreFreeGoToThoseStillRunning() throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    Work slow =
        new Work("slow", 100, end) {
          @Override
          public List<Work> run(int threads) {
            if (threads == 4) {
              end.countDown();
            }
            return super.run(threads);
          }
        };
    new Scheduler(4, 10)
        .run(
            List.of(
                slow,
                new Work("a", 3, now()),
                new Work("b", 2, now()),
                new Work("c", 1, now()),
                new Work("d", 1, now())));
    // Who of those that start together logs first is the system's choice.
    assertThat(log).contains("slow with 1").endsWith("slow with 4");
    assertThat(mostBusy.get()).isLessThanOrEqualTo(4);
  }

  @Test
  void whatHasLittleLeftIsNotPaused() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    Scheduler scheduler = new Scheduler(2, 10);
    Thread thread =
        Thread.startVirtualThread(
            () -> {
              try {
                scheduler.run(
                    List.of(
                        new Work("short", 5, end),
                        new Work("a", 3, now()),
                        new Work("b", 3, now())));
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
            });
    while (log.size() < 3) {
      Thread.onSpinWait();
    }
    end.countDown();
    thread.join();
    assertThat(log).containsOnlyOnce("short with 1").hasSize(3);
  }

  @Test
  void stopPausesAll() throws InterruptedException {
    Scheduler scheduler = new Scheduler(2, 0);
    CountDownLatch never = new CountDownLatch(1);
    Thread.startVirtualThread(
        () -> {
          while (busy.get() < 2) {
            Thread.onSpinWait();
          }
          scheduler.stop();
        });
    scheduler.run(
        List.of(new Work("a", 3, never), new Work("b", 2, never), new Work("c", 1, never)));
    assertThat(busy.get()).isZero();
    assertThat(log).hasSize(2);
  }

  @Test
  void aFaultOfTheProgramComesOut() {
    Scheduler.Task faulty =
        new Work("faulty", 1, now()) {
          @Override
          public List<Work> run(int threads) {
            throw new IllegalStateException("a fault");
          }
        };
    assertThatThrownBy(() -> new Scheduler(2, 0).run(List.of(faulty))).hasMessage("a fault");
  }
}
