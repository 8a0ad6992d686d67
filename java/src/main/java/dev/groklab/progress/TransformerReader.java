package dev.groklab.progress;

import java.util.Arrays;
import java.util.Map;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * A Transformer's forward pass in double, from its parameters alone, that keeps what happens
 * inside: attention weights and neurons. The model is the engine's: post-norm blocks, causal
 * attention, exact GELU, layer norms with epsilon 1e-5. It goes through a row token by token and so
 * does the work of common prefixes once.
 *
 * <p>Immutable; used by any number of threads.
 */
public final class TransformerReader {

  private static final double EPSILON = 1e-5;
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

  private final int dim;
  private final int heads;
  private final double[] tokens;
  private final double[] positions;
  private final Block[] blocks;
  private final Norm finalNorm;
  private final Linear readout;

  /** y = xWᵀ + b, with W transposed so that the innermost loop runs along y. */
  private record Linear(double[] transposed, double[] bias) {

    static Linear of(Map<String, double[]> tensors, String name) {
      double[] weight = tensor(tensors, name + ".weight");
      double[] bias = tensor(tensors, name + ".bias");
      int inputs = weight.length / bias.length;
      double[] transposed = new double[weight.length];
      for (int out = 0; out < bias.length; out++) {
        for (int in = 0; in < inputs; in++) {
          transposed[in * bias.length + out] = weight[out * inputs + in];
        }
      }
      return new Linear(transposed, bias);
    }

    double[] apply(double[] x) {
      double[] y = bias.clone();
      for (int in = 0; in < x.length; in++) {
        double value = x[in];
        int row = in * y.length;
        for (int out = 0; out < y.length; out++) {
          y[out] += value * transposed[row + out];
        }
      }
      return y;
    }
  }

  private record Norm(double[] weight, double[] bias) {

    static Norm of(Map<String, double[]> tensors, String name) {
      return new Norm(tensor(tensors, name + ".weight"), tensor(tensors, name + ".bias"));
    }

    double[] apply(double[] x) {
      double mean = 0;
      for (double value : x) {
        mean += value / x.length;
      }
      double variance = 0;
      for (double value : x) {
        variance += (value - mean) * (value - mean) / x.length;
      }
      double factor = 1 / Math.sqrt(variance + EPSILON);
      double[] y = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        y[i] = (x[i] - mean) * factor * weight[i] + bias[i];
      }
      return y;
    }
  }

  private record Block(
      Linear in, Linear out, Norm attentionNorm, Linear up, Linear down, Norm feedForwardNorm) {

    static Block of(Map<String, double[]> tensors, String name) {
      return new Block(
          Linear.of(tensors, name + "attention.in_proj"),
          Linear.of(tensors, name + "attention.out_proj"),
          Norm.of(tensors, name + "attention_norm"),
          Linear.of(tensors, name + "feed_forward.up"),
          Linear.of(tensors, name + "feed_forward.down"),
          Norm.of(tensors, name + "feed_forward_norm"));
    }
  }

  /**
   * Takes a network's parameters.
   *
   * @param tensors the parameters by name, row-major
   * @param layers number of blocks
   * @param heads attention heads
   * @throws IllegalArgumentException if a parameter is missing
   */
  public TransformerReader(Map<String, double[]> tensors, int layers, int heads) {
    this.heads = heads;
    tokens = tensor(tensors, "token_embedding.weight");
    positions = tensor(tensors, "position_embedding.weight");
    blocks = new Block[layers];
    for (int i = 0; i < layers; i++) {
      blocks[i] = Block.of(tensors, "blocks." + i + ".");
    }
    finalNorm = Norm.of(tensors, "final_norm");
    readout = Linear.of(tensors, "readout");
    dim = finalNorm.weight().length;
  }

  private static double[] tensor(Map<String, double[]> tensors, String name) {
    double[] values = tensors.get(name);
    if (values == null) {
      throw new IllegalArgumentException("the network has no tensor " + name);
    }
    return values;
  }

  /**
   * Reads a whole row.
   *
   * @param row its tokens, at least one
   * @return what happens at its last position
   */
  public Position read(int[] row) {
    Position position = read(row[0]);
    for (int i = 1; i < row.length; i++) {
      position = position.then(row[i]);
    }
    return position;
  }

  /**
   * Reads the first token of a row.
   *
   * @param token the token
   * @return what happens at its position
   */
  public Position read(int token) {
    return new Position(null, token);
  }

  /** What happens inside at one position of a row, which depends on the tokens up to it. */
  public final class Position {

    private final Position before; // null at the first
    private final int index;
    private final double[][] keys = new double[blocks.length][];
    private final double[][] values = new double[blocks.length][];
    private final double[][][] attention = new double[blocks.length][heads][];
    private final double[][] neurons = new double[blocks.length][];
    private final double[] state;

    private Position(Position before, int token) {
      this.before = before;
      this.index = before == null ? 0 : before.index + 1;
      double[] h = new double[dim];
      for (int i = 0; i < dim; i++) {
        h[i] = tokens[token * dim + i] + positions[index * dim + i];
      }
      for (int b = 0; b < blocks.length; b++) {
        h = throughBlock(b, h);
      }
      state = h;
    }

    private double[] throughBlock(int b, double[] h) {
      Block block = blocks[b];
      double[] projected = block.in().apply(h);
      keys[b] = Arrays.copyOfRange(projected, dim, 2 * dim);
      values[b] = Arrays.copyOfRange(projected, 2 * dim, 3 * dim);
      double[] attended = new double[dim];
      for (int head = 0; head < heads; head++) {
        attend(b, head, projected, attended);
      }
      double[] middle = block.attentionNorm().apply(sum(h, block.out().apply(attended)));
      double[] hidden = block.up().apply(middle);
      for (int i = 0; i < hidden.length; i++) {
        hidden[i] *= NORMAL.cumulativeProbability(hidden[i]); // exact GELU
      }
      neurons[b] = hidden;
      return block.feedForwardNorm().apply(sum(middle, block.down().apply(hidden)));
    }

    /** Softmax of qk/√(d/heads) over the positions up to this, then the mean of their values. */
    private void attend(int b, int head, double[] query, double[] attended) {
      int size = dim / heads;
      int from = head * size;
      double[] weights = new double[index + 1];
      double most = Double.NEGATIVE_INFINITY;
      for (Position at = this; at != null; at = at.before) {
        double dot = 0;
        for (int i = from; i < from + size; i++) {
          dot += query[i] * at.keys[b][i];
        }
        weights[at.index] = dot / Math.sqrt(size);
        most = Math.max(most, weights[at.index]);
      }
      double total = 0;
      for (int i = 0; i <= index; i++) {
        weights[i] = Math.exp(weights[i] - most);
        total += weights[i];
      }
      for (Position at = this; at != null; at = at.before) {
        weights[at.index] /= total;
        for (int i = from; i < from + size; i++) {
          attended[i] += weights[at.index] * at.values[b][i];
        }
      }
      attention[b][head] = weights;
    }

    /**
     * Reads one token more.
     *
     * @param token the token
     * @return what happens at its position; this one is as it was
     */
    public Position then(int token) {
      return new Position(this, token);
    }

    /**
     * Attention weights from this position.
     *
     * @param block number of the block
     * @param head number of the head
     * @return [index + 1] weight of each position up to this; they add up to 1
     */
    public double[] attention(int block, int head) {
      return attention[block][head].clone();
    }

    /**
     * The neurons of a feed-forward layer, after GELU.
     *
     * @param block number of the block
     * @return [hidden]
     */
    public double[] neurons(int block) {
      return neurons[block].clone();
    }

    /**
     * The answer read off at this position.
     *
     * @return [V] logits
     */
    public double[] logits() {
      return readout.apply(finalNorm.apply(state));
    }
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }
}
