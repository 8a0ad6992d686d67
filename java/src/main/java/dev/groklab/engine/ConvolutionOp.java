package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_convolution;
import java.lang.foreign.MemorySegment;

/**
 * Cross-correlation of images with kernels as {@code torch.nn.Conv2d} has it (<a
 * href="https://doi.org/10.1162/neco.1989.1.4.541">LeCun et al. 1989</a>), with stride 1 and K/2
 * zeros around, so that images keep their height and width: {@code y[o, i, j] = bias[o] + Σ
 * weight[o, c, u, v] x[c, i + u − K/2, j + v − K/2]} over c, u and v. See {@link Ops} for the
 * rules; all extents but the number of rows are at least 1.
 */
public final class ConvolutionOp {

  private final Engine engine;

  ConvolutionOp(Engine engine) {
    this.engine = engine;
  }

  /**
   * Extents.
   *
   * @param replicas R
   * @param rows N, images
   * @param image of x: I channels, H, W
   * @param outChannels O, of y
   * @param kernel K, odd
   */
  public record Shape(long replicas, long rows, ImageShape image, long outChannels, long kernel) {}

  /**
   * Computes y.
   *
   * @param precision of all buffers
   * @param shape the extents
   * @param x [R, N, I, H, W]
   * @param weight [R, O, I, K, K]
   * @param bias [R, O]; null for none
   * @param y out: [R, N, O, H, W]
   */
  public void forward(
      Precision precision,
      Shape shape,
      MemorySegment x,
      MemorySegment weight,
      MemorySegment bias,
      MemorySegment y) {
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      groklab_op_convolution.x(op, call.in("x", x, images(shape, shape.image.channels())));
      groklab_op_convolution.weight(op, call.in("weight", weight, weights(shape)));
      groklab_op_convolution.bias(
          op, call.inOrNull("bias", bias, shape.replicas, shape.outChannels));
      groklab_op_convolution.y(op, call.out("y", y, images(shape, shape.outChannels)));
      call.run(groklab_h::groklab_op_convolution_forward);
    }
  }

  /**
   * Computes gradients.
   *
   * @param precision of all buffers
   * @param shape the extents
   * @param x [R, N, I, H, W]; null where dweight is not wanted
   * @param weight [R, O, I, K, K]; null where dx is not wanted
   * @param dy [R, N, O, H, W] gradient of y
   * @param dx out: [R, N, I, H, W]; null for not wanted
   * @param dweight out: [R, O, I, K, K]; null for not wanted
   * @param dbias out: [R, O]; null for not wanted, as it must be where dweight is not
   */
  public void backward(
      Precision precision,
      Shape shape,
      MemorySegment x,
      MemorySegment weight,
      MemorySegment dy,
      MemorySegment dx,
      MemorySegment dweight,
      MemorySegment dbias) {
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      long[] image = images(shape, shape.image.channels());
      groklab_op_convolution.x(op, call.inOrNull("x", x, image));
      groklab_op_convolution.weight(op, call.inOrNull("weight", weight, weights(shape)));
      groklab_op_convolution.dy(op, call.in("dy", dy, images(shape, shape.outChannels)));
      groklab_op_convolution.dx(op, call.outOrNull("dx", dx, image));
      groklab_op_convolution.dweight(op, call.outOrNull("dweight", dweight, weights(shape)));
      groklab_op_convolution.dbias(
          op, call.outOrNull("dbias", dbias, shape.replicas, shape.outChannels));
      call.run(groklab_h::groklab_op_convolution_backward);
    }
  }

  private static long[] images(Shape shape, long channels) {
    return new long[] {
      shape.replicas, shape.rows, channels, shape.image.height(), shape.image.width()
    };
  }

  private static long[] weights(Shape shape) {
    return new long[] {
      shape.replicas, shape.outChannels, shape.image.channels(), shape.kernel, shape.kernel
    };
  }

  private OpCall begin(Precision precision, Shape shape) {
    OpCall call = new OpCall(engine, precision, groklab_op_convolution.layout());
    MemorySegment op = call.struct();
    groklab_op_convolution.precision(op, Codes.of(precision));
    groklab_op_convolution.replicas(op, shape.replicas);
    groklab_op_convolution.rows(op, shape.rows);
    groklab_op_convolution.channels(op, shape.image.channels());
    groklab_op_convolution.height(op, shape.image.height());
    groklab_op_convolution.width(op, shape.image.width());
    groklab_op_convolution.out_channels(op, shape.outChannels);
    groklab_op_convolution.kernel(op, shape.kernel);
    return call;
  }
}
