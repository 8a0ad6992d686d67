package dev.groklab.progress;

/** The p-th roots of unity: every cos(2πkx/p) and sin(2πkx/p) of whole k and x is among them. */
final class Circle {

  private final double[] cos;
  private final double[] sin;

  Circle(int p) {
    cos = new double[p];
    sin = new double[p];
    for (int i = 0; i < p; i++) {
      cos[i] = Math.cos(2 * Math.PI * i / p);
      sin[i] = Math.sin(2 * Math.PI * i / p);
    }
  }

  /** cos(2πkx/p), for k and x of at least 0. */
  double cos(int k, int x) {
    return cos[(int) ((long) k * x % cos.length)];
  }

  /** sin(2πkx/p), for k and x of at least 0. */
  double sin(int k, int x) {
    return sin[(int) ((long) k * x % sin.length)];
  }
}
