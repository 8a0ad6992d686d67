package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The single ops that models are made of, on buffers in native memory. A forward op reads its
 * inputs and writes its outputs; a backward op overwrites the gradients that it is asked for. May
 * be used by any number of threads.
 *
 * <p>Buffers are row-major and contiguous, have exactly the bytes that their extents say, and hold
 * numbers of the precision given where no other type is named. Nobody may close their arenas during
 * the call. Where a comment says so, null stands for "none" or "not wanted". Numbers of replicas
 * and widths are at least 1, numbers of rows at least 0.
 *
 * <p>Every op throws {@link IllegalArgumentException} if a buffer does not fit, an extent is not
 * allowed or an index out of range; {@link IllegalStateException} if the engine or the arena of a
 * buffer is closed; {@link EngineException} if memory does not suffice or the device fails.
 */
public final class Ops {

  private final LinearOp linear;
  private final LayerNormOp layerNorm;
  private final ActivationOp gelu;
  private final ActivationOp relu;
  private final LstmCellOp lstmCell;
  private final ConvolutionOp convolution;
  private final MaxPoolOp maxPool;
  private final AttentionOp attention;
  private final CrossEntropyOp crossEntropy;
  private final EmbeddingOp embedding;
  private final DropoutOp dropout;
  private final OptimizerOp optimizer;

  Ops(Engine engine) {
    linear = new LinearOp(engine);
    layerNorm = new LayerNormOp(engine);
    gelu =
        new ActivationOp(
            engine, groklab_h::groklab_op_gelu_forward, groklab_h::groklab_op_gelu_backward);
    relu =
        new ActivationOp(
            engine, groklab_h::groklab_op_relu_forward, groklab_h::groklab_op_relu_backward);
    lstmCell = new LstmCellOp(engine);
    convolution = new ConvolutionOp(engine);
    maxPool = new MaxPoolOp(engine);
    attention = new AttentionOp(engine);
    crossEntropy = new CrossEntropyOp(engine);
    embedding = new EmbeddingOp(engine);
    dropout = new DropoutOp(engine);
    optimizer = new OptimizerOp(engine);
  }

  /**
   * The linear layer.
   *
   * @return the op
   */
  public LinearOp linear() {
    return linear;
  }

  /**
   * Layer normalization with an optional residual.
   *
   * @return the op
   */
  public LayerNormOp layerNorm() {
    return layerNorm;
  }

  /**
   * The exact GELU, {@code y = x Φ(x)} (<a href="https://arxiv.org/abs/1606.08415">Hendrycks,
   * Gimpel 2016</a>).
   *
   * @return the op
   */
  public ActivationOp gelu() {
    return gelu;
  }

  /**
   * The rectifier, {@code y = max(x, 0)}, whose gradient at 0 is 0.
   *
   * @return the op
   */
  public ActivationOp relu() {
    return relu;
  }

  /**
   * One step of an LSTM layer.
   *
   * @return the op
   */
  public LstmCellOp lstmCell() {
    return lstmCell;
  }

  /**
   * Convolution of images.
   *
   * @return the op
   */
  public ConvolutionOp convolution() {
    return convolution;
  }

  /**
   * Max pooling of images.
   *
   * @return the op
   */
  public MaxPoolOp maxPool() {
    return maxPool;
  }

  /**
   * Multi-head attention along the paths of a prefix tree.
   *
   * @return the op
   */
  public AttentionOp attention() {
    return attention;
  }

  /**
   * Cross-entropy of softmax against targets.
   *
   * @return the op
   */
  public CrossEntropyOp crossEntropy() {
    return crossEntropy;
  }

  /**
   * Sum of a token's and a position's embedding.
   *
   * @return the op
   */
  public EmbeddingOp embedding() {
    return embedding;
  }

  /**
   * Inverted dropout.
   *
   * @return the op
   */
  public DropoutOp dropout() {
    return dropout;
  }

  /**
   * One step of each replica's optimizer.
   *
   * @return the op
   */
  public OptimizerOp optimizer() {
    return optimizer;
  }

  /**
   * The engine's own Philox4x32-10, behind initial weights and dropout.
   *
   * @param counter [4]
   * @param key [2]
   * @return [4] random words
   * @throws IllegalArgumentException if an array has another length
   * @throws NativeLibraryException if the native library is missing, broken or another one
   */
  public static int[] philox(int[] counter, int[] key) {
    Arguments.requireLength("the counter", counter.length, 4);
    Arguments.requireLength("the key", key.length, 2);
    NativeLibrary.load();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_INT, 4);
      Native.check(
          groklab_h.groklab_philox(
              arena.allocateFrom(ValueLayout.JAVA_INT, counter),
              arena.allocateFrom(ValueLayout.JAVA_INT, key),
              out));
      return out.toArray(ValueLayout.JAVA_INT);
    }
  }
}
