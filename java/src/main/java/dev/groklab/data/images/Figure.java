package dev.groklab.data.images;

/**
 * A shape in the unit disc, u to the right and v upwards. It is told by what is inside, not
 * painted: the pixels of Java2D's antialiasing differ from JDK to JDK, these do not.
 */
@FunctionalInterface
interface Figure {

  /** Whether a point is inside. */
  boolean contains(double u, double v);

  /** The disc of a radius around the point (u, 0). */
  static Figure disc(double radius, double centre) {
    return (u, v) -> (u - centre) * (u - centre) + v * v <= radius * radius;
  }

  /** The square with sides of twice this length around the middle. */
  static Figure square(double half) {
    return (u, v) -> Math.max(Math.abs(u), Math.abs(v)) <= half;
  }

  /** What is in this one and not in the other. */
  default Figure without(Figure other) {
    return (u, v) -> contains(u, v) && !other.contains(u, v);
  }

  /**
   * The polygon with these corners, by the even-odd rule.
   *
   * @param corners u, v, u, v, …
   */
  static Figure polygon(double... corners) {
    return (u, v) -> {
      boolean inside = false;
      int before = corners.length - 2;
      for (int i = 0; i < corners.length; i += 2) {
        double u0 = corners[before];
        double v0 = corners[before + 1];
        double u1 = corners[i];
        double v1 = corners[i + 1];
        if (v0 > v != v1 > v && u < u0 + (u1 - u0) * (v - v0) / (v1 - v0)) {
          inside = !inside;
        }
        before = i;
      }
      return inside;
    };
  }

  /** The star with so many points, whose inner corners are this far from the middle. */
  static Figure star(int points, double inner) {
    double[] corners = new double[4 * points];
    for (int i = 0; i < 2 * points; i++) {
      double radius = i % 2 == 0 ? 1 : inner;
      corners[2 * i] = radius * StrictMath.sin(Math.PI * i / points);
      corners[2 * i + 1] = radius * StrictMath.cos(Math.PI * i / points);
    }
    return polygon(corners);
  }
}
