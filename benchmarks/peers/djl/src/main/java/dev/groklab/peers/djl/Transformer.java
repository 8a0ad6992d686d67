package dev.groklab.peers.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The report's Transformer: post-norm blocks with causal attention written out, since DJL's own
 * attention block has a bias less and another order of weights.
 */
final class Transformer extends ReportModel {

  private static final NDIndex LAST = new NDIndex(":, -1");

  private record Layer(
      Linear inProjection,
      Linear outProjection,
      LayerNorm attentionNorm,
      Linear up,
      Linear down,
      LayerNorm feedForwardNorm) {}

  private final List<Layer> layers;
  private final LayerNorm finalNorm;
  private final Linear readout;

  Transformer(Sizes sizes) {
    super(sizes);
    layers = IntStream.range(0, sizes.layers()).mapToObj(this::layer).toList();
    finalNorm = norm("final_norm", sizes.dim());
    readout = linear("readout", sizes.dim(), sizes.vocabulary());
  }

  private Layer layer(int number) {
    String name = "blocks." + number + ".";
    int dim = sizes.dim();
    return new Layer(
        linear(name + "attention.in_proj", dim, 3 * dim),
        linear(name + "attention.out_proj", dim, dim),
        norm(name + "attention_norm", dim),
        linear(name + "feed_forward.up", dim, sizes.hidden()),
        linear(name + "feed_forward.down", sizes.hidden(), dim),
        norm(name + "feed_forward_norm", dim));
  }

  @Override
  NDArray logits(ParameterStore store, NDArray embedded, boolean training) {
    NDArray h = embedded;
    NDArray future = future(h);
    for (Layer layer : layers) {
      NDArray qkv = through(layer.inProjection, store, h, training);
      NDArray mixed = through(layer.outProjection, store, attend(qkv, future), training);
      h = through(layer.attentionNorm, store, h.add(mixed), training);
      NDArray up = Activation.gelu(through(layer.up, store, h, training));
      h =
          through(
              layer.feedForwardNorm,
              store,
              h.add(through(layer.down, store, up, training)),
              training);
    }
    return through(readout, store, through(finalNorm, store, h.get(LAST), training), training);
  }

  /** What is added to the scores [T, T]: −∞ where the key comes after the query. */
  private static NDArray future(NDArray h) {
    float[] values = new float[Sizes.LENGTH * Sizes.LENGTH];
    for (int query = 0; query < Sizes.LENGTH; query++) {
      for (int key = query + 1; key < Sizes.LENGTH; key++) {
        values[query * Sizes.LENGTH + key] = Float.NEGATIVE_INFINITY;
      }
    }
    return h.getManager().create(values, new Shape(Sizes.LENGTH, Sizes.LENGTH));
  }

  /** Causal attention of all heads: [batch, T, 3d] to [batch, T, d]. */
  private NDArray attend(NDArray qkv, NDArray future) {
    long batch = qkv.getShape().get(0);
    int width = sizes.dim() / sizes.heads();
    NDList parts =
        qkv.reshape(batch, Sizes.LENGTH, 3, sizes.heads(), width)
            .transpose(2, 0, 3, 1, 4) // [3, batch, heads, T, width]
            .split(3);
    NDArray query = parts.get(0).squeeze(0);
    NDArray key = parts.get(1).squeeze(0);
    NDArray value = parts.get(2).squeeze(0);
    NDArray scores =
        NDArrays.matMul(query, key.transpose(0, 1, 3, 2)).mul(1 / Math.sqrt(width)).add(future);
    return scores
        .softmax(-1)
        .matMul(value)
        .transpose(0, 2, 1, 3)
        .reshape(batch, Sizes.LENGTH, sizes.dim());
  }
}
