package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_max_pool;
import java.lang.foreign.MemorySegment;

/**
 * The largest element of each window of 2 × 2, as {@code torch.nn.MaxPool2d(2)}: windows do not
 * overlap, and an odd last row or column is in none. Of equal elements the first is taken, row by
 * row; NaN is larger than any number. See {@link Ops} for the rules; all extents but the number of
 * rows are at least 1.
 */
public final class MaxPoolOp {

  private final Engine engine;

  MaxPoolOp(Engine engine) {
    this.engine = engine;
  }

  /**
   * Extents.
   *
   * @param replicas R
   * @param rows N, images
   * @param image of x: C, H, W
   */
  public record Shape(long replicas, long rows, ImageShape image) {}

  /**
   * Computes y, and which element of each window it is.
   *
   * @param precision of all buffers of reals
   * @param shape the extents
   * @param x [R, N, C, H, W]
   * @param winners out: [R, N, C, H/2, W/2] of int32, an element's number in its window, 0 … 3
   * @param y out: [R, N, C, H/2, W/2]
   */
  public void forward(
      Precision precision, Shape shape, MemorySegment x, MemorySegment winners, MemorySegment y) {
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      groklab_op_max_pool.x(op, call.in("x", x, images(shape)));
      groklab_op_max_pool.winners(op, call.outInts("winners", winners, windows(shape)));
      groklab_op_max_pool.y(op, call.out("y", y, windows(shape)));
      call.run(groklab_h::groklab_op_max_pool_forward);
    }
  }

  /**
   * Computes the gradient.
   *
   * @param precision of all buffers of reals
   * @param shape the extents
   * @param winners of the forward op [R, N, C, H/2, W/2] of int32
   * @param dy [R, N, C, H/2, W/2] gradient of y
   * @param dx out: [R, N, C, H, W]; 0 where nothing won
   */
  public void backward(
      Precision precision, Shape shape, MemorySegment winners, MemorySegment dy, MemorySegment dx) {
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      groklab_op_max_pool.winners(op, call.ints("winners", winners, windows(shape)));
      groklab_op_max_pool.dy(op, call.in("dy", dy, windows(shape)));
      groklab_op_max_pool.dx(op, call.out("dx", dx, images(shape)));
      call.run(groklab_h::groklab_op_max_pool_backward);
    }
  }

  private static long[] images(Shape shape) {
    ImageShape image = shape.image;
    return new long[] {shape.replicas, shape.rows, image.channels(), image.height(), image.width()};
  }

  private static long[] windows(Shape shape) {
    ImageShape image = shape.image;
    return new long[] {
      shape.replicas, shape.rows, image.channels(), image.height() / 2, image.width() / 2
    };
  }

  private OpCall begin(Precision precision, Shape shape) {
    OpCall call = new OpCall(engine, precision, groklab_op_max_pool.layout());
    MemorySegment op = call.struct();
    groklab_op_max_pool.precision(op, Codes.of(precision));
    groklab_op_max_pool.replicas(op, shape.replicas);
    groklab_op_max_pool.rows(op, shape.rows);
    groklab_op_max_pool.channels(op, shape.image.channels());
    groklab_op_max_pool.height(op, shape.image.height());
    groklab_op_max_pool.width(op, shape.image.width());
    return call;
  }
}
