package dev.groklab.experiments.sweep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Deals out threads to tasks, the longest first, so that all threads are busy to the end: as long
 * as tasks wait, each thread has one; when none waits any more, those still running are paused and
 * go on with the threads that have become free.
 */
final class Scheduler {

  /** Something that takes a while. */
  interface Task {

    /** Time left, at the present speed; the longest goes first. */
    double secondsLeft();

    /**
     * Works until the end or until {@link #pause}, on the calling thread and as many more as to
     * make up {@code threads}.
     *
     * @return what is left to do
     */
    List<? extends Task> run(int threads);

    /** Makes a present {@link #run} return soon; called from other threads. */
    void pause();
  }

  private static final class Running {
    final int threads;
    boolean pausing;

    Running(int threads) {
      this.threads = threads;
    }
  }

  private final int threads;
  private final double worthPausing;
  private final PriorityQueue<Task> waiting =
      new PriorityQueue<>(Comparator.comparingDouble(Task::secondsLeft).reversed());
  private final Map<Task, Running> running = new LinkedHashMap<>();
  private boolean stopping;
  private RuntimeException fault;

  /**
   * A scheduler.
   *
   * @param threads how many there are
   * @param worthPausing seconds that a task must have left to be given more threads
   */
  Scheduler(int threads, double worthPausing) {
    this.threads = threads;
    this.worthPausing = worthPausing;
  }

  /** Runs tasks until all are done, or {@link #stop} is called. */
  synchronized void run(List<? extends Task> tasks) throws InterruptedException {
    waiting.addAll(tasks);
    while (!stopping && !(waiting.isEmpty() && running.isEmpty())) {
      startWaiting();
      if (waiting.isEmpty()) {
        pauseSlow();
      }
      wait();
    }
    while (!running.isEmpty()) {
      wait();
    }
    if (fault != null) {
      throw fault;
    }
  }

  /** Pauses everything for good. */
  synchronized void stop() {
    stopping = true;
    running.keySet().forEach(Task::pause);
    notifyAll();
  }

  private int free() {
    return threads - running.values().stream().mapToInt(r -> r.threads).sum();
  }

  /** Equal shares for those that wait and those that are about to wait. */
  private void startWaiting() {
    int pausing = (int) running.values().stream().filter(r -> r.pausing).count();
    while (!waiting.isEmpty() && free() > 0) {
      int share = Math.ceilDiv(free(), waiting.size() + pausing);
      Task task = waiting.remove();
      running.put(task, new Running(share));
      Thread.ofPlatform().name("sweep").start(() -> work(task, share));
    }
  }

  private void pauseSlow() {
    if (free() == 0) {
      return;
    }
    int fair = threads / running.size();
    running.forEach(
        (task, present) -> {
          if (!present.pausing && present.threads < fair && task.secondsLeft() > worthPausing) {
            present.pausing = true;
            task.pause();
          }
        });
  }

  private void work(Task task, int share) {
    List<Task> left = new ArrayList<>();
    RuntimeException failure = null;
    try {
      left.addAll(task.run(share));
    } catch (RuntimeException e) {
      failure = e;
    }
    synchronized (this) {
      running.remove(task);
      waiting.addAll(left);
      if (failure != null) {
        fault = failure;
        stop();
      }
      notifyAll();
    }
  }
}
