package dev.groklab.experiments.bench;

import java.util.List;

/**
 * What a step should take, by two prices: seconds = waves · (flops · a + bytes · b). A lone replica
 * shares out its work to all threads; of several, each thread takes one after the other, so there
 * are as many waves as the busiest thread has replicas.
 *
 * @param perFlop seconds that a thread needs for an operation of a matrix product
 * @param perByte seconds that it needs for a byte that any other op reads or writes
 */
record CostModel(double perFlop, double perByte) {

  /**
   * A measurement.
   *
   * @param flops operations of a replica's step
   * @param bytes bytes that its ops read and write
   * @param waves how many such steps one thread makes; a part of one where threads share it
   * @param floor seconds that the operations of all replicas take at the machine's peak
   * @param seconds what the step of all replicas took
   */
  record Point(double flops, double bytes, double waves, double floor, double seconds) {}

  static double waves(int replicas, int threads) {
    return replicas == 1 ? 1.0 / threads : Math.ceilDiv(replicas, threads);
  }

  /** The prices with the least squares of relative errors, none of them negative. */
  static CostModel fit(List<Point> points) {
    double ff = 0;
    double fb = 0;
    double bb = 0;
    double f1 = 0;
    double b1 = 0;
    for (Point point : points) {
      double f = point.waves() * point.flops() / point.seconds();
      double b = point.waves() * point.bytes() / point.seconds();
      ff += f * f;
      fb += f * b;
      bb += b * b;
      f1 += f;
      b1 += b;
    }
    double determinant = ff * bb - fb * fb;
    if (determinant > 1e-9 * ff * bb) {
      double perFlop = (f1 * bb - b1 * fb) / determinant;
      double perByte = (b1 * ff - f1 * fb) / determinant;
      if (perFlop >= 0 && perByte >= 0) {
        return new CostModel(perFlop, perByte);
      }
    }
    CostModel byFlops = new CostModel(f1 / ff, 0);
    CostModel byBytes = new CostModel(0, b1 / bb);
    return byFlops.squares(points) <= byBytes.squares(points) ? byFlops : byBytes;
  }

  double seconds(Point point) {
    return point.waves() * (point.flops() * perFlop + point.bytes() * perByte);
  }

  private double squares(List<Point> points) {
    return points.stream().mapToDouble(p -> Math.pow(seconds(p) / p.seconds() - 1, 2)).sum();
  }

  /** By how much the worst point is off, as a share of what was measured. */
  double largestError(List<Point> points) {
    return points.stream().mapToDouble(p -> Math.abs(seconds(p) / p.seconds() - 1)).max().orElse(0);
  }
}
