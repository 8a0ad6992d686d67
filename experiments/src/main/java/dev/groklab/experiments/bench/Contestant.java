package dev.groklab.experiments.bench;

import dev.groklab.run.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A peer in a comparison: its process, and what it has shown so far. */
final class Contestant implements AutoCloseable {

  private final Peer peer;
  private final PeerProcess process;
  private final String version;
  private final double difference; // of its losses from ours
  private final List<Double> seconds = new ArrayList<>(); // of a step, by round
  private int steps = 1;

  private Contestant(Peer peer, PeerProcess process, String version, double difference) {
    this.peer = peer;
    this.process = process;
    this.version = version;
    this.difference = difference;
  }

  /**
   * Starts a peer and has it make the first steps.
   *
   * @param ours our losses of these
   * @param spend seconds that its blocks shall take
   */
  static Contestant start(
      Peer peer, RunConfig config, int threads, Path inputs, double[] ours, double spend)
      throws PeerFailure {
    PeerProcess process = peer.start(config, threads, inputs);
    try {
      String version = process.awaitReady();
      double difference = Losses.difference(ours, process.losses(ours.length));
      Contestant contestant = new Contestant(peer, process, version, difference);
      contestant.calibrate(spend);
      return contestant;
    } catch (PeerFailure e) {
      process.close();
      throw e;
    }
  }

  /** Finds out how many steps take about so long, and makes a block to warm up. */
  private void calibrate(double spend) throws PeerFailure {
    steps = steps(spend, process.run(1));
    steps = steps(spend, process.run(steps) / steps);
    process.run(steps);
  }

  static int steps(double spend, double step) {
    return (int) Math.clamp(spend / step, 1, 1_000_000);
  }

  /** Makes a round's block. */
  void round() throws PeerFailure {
    seconds.add(process.run(steps) / steps);
  }

  boolean agrees() {
    return difference <= Losses.TOLERANCE;
  }

  Peer peer() {
    return peer;
  }

  String version() {
    return version;
  }

  double difference() {
    return difference;
  }

  /** Seconds of a step in each round. */
  List<Double> seconds() {
    return seconds;
  }

  @Override
  public void close() {
    process.close();
  }
}
