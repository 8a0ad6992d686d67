package dev.groklab.engine;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The life of a native object. Calls into it happen inside a {@link Use}; closing refuses new ones
 * and waits for those that run, so that memory is never taken away from under native code.
 */
final class Guard {

  /** A call in progress; closing it ends the call. */
  interface Use extends AutoCloseable {
    @Override
    void close();
  }

  private final String name;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Use shared = lock.readLock()::unlock;
  private final Use exclusive = lock.writeLock()::unlock;
  private volatile boolean closed;
  private boolean released;

  /**
   * @param name what messages call the object, such as "trainer"
   */
  Guard(String name) {
    this.name = name;
  }

  /** Begins a call that other threads may be inside too. */
  Use share() {
    requireOpen();
    lock.readLock().lock();
    return openOrEnd(shared);
  }

  /** Begins a call that one thread at a time may be inside. */
  Use own() {
    requireOpen();
    if (!lock.writeLock().tryLock()) {
      requireOpen();
      throw new EngineBusyException(
          "the " + name + " is in use by another thread; one thread at a time may use it");
    }
    return openOrEnd(exclusive);
  }

  /** Closing may have begun while the lock was being taken. */
  private Use openOrEnd(Use use) {
    if (closed) {
      use.close();
      requireOpen();
    }
    return use;
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the " + name + " is closed");
    }
  }

  /** Runs {@code release} once, when no call is inside. */
  void close(Runnable release) {
    closed = true;
    lock.writeLock().lock();
    try {
      if (!released) {
        released = true;
        release.run();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
