package dev.groklab.experiments;

import java.util.concurrent.CountDownLatch;

/**
 * While it is open, a signal to end (Ctrl-C, SIGTERM) stops what was said to be running, and the
 * process goes only when this is closed: files and messages are complete by then. The JVM then ends
 * with 128 + the signal's number.
 */
final class StopOnSignal implements AutoCloseable {

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stopAndWait, "stop on signal");
  private volatile Runnable stop = () -> {};
  private volatile boolean signalled;

  StopOnSignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Says how to stop what is running from now on. */
  void stopBy(Runnable stop) {
    this.stop = stop;
    if (signalled) {
      stop.run();
    }
  }

  private void stopAndWait() {
    signalled = true;
    stop.run();
    try {
      closed.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is ending: the hook has run or is running.
    }
  }
}
