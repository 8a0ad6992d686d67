package dev.groklab.experiments.sweep;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps two sweeps from training the same runs: held by the process, so that it is gone when that
 * is, however it ended.
 */
public final class SweepLock implements AutoCloseable {

  private final FileChannel channel;

  private SweepLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock of a folder, and makes the folder if need be.
   *
   * @param out the folder of all runs
   * @return the lock, to be closed
   * @throws IOException if another sweep has it, or the folder cannot be written
   */
  public static SweepLock take(Path out) throws IOException {
    Files.createDirectories(out);
    Path file = out.resolve(".sweep.lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new SweepLock(channel);
      }
    } catch (OverlappingFileLockException _) {
      // another sweep of this process
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new IOException(out + ": another sweep is training there; wait for it or stop it");
  }

  /** Gives the lock back. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
