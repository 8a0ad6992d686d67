package dev.groklab.peers.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.stream.IntStream;

/** The MLP over the concatenated tokens. */
final class Mlp extends ReportModel {

  private record Layer(Linear up, Linear down, LayerNorm norm) {}

  private final List<Layer> layers;
  private final Linear readout;

  Mlp(Sizes sizes) {
    super(sizes);
    layers = IntStream.range(0, sizes.layers()).mapToObj(this::layer).toList();
    readout = linear("readout", width(), sizes.vocabulary());
  }

  private int width() {
    return Sizes.LENGTH * sizes.dim();
  }

  private Layer layer(int number) {
    String name = "blocks." + number + ".";
    return new Layer(
        linear(name + "feed_forward.up", width(), sizes.hidden()),
        linear(name + "feed_forward.down", sizes.hidden(), width()),
        norm(name + "norm", width()));
  }

  @Override
  NDArray logits(ParameterStore store, NDArray embedded, boolean training) {
    NDArray h = embedded.reshape(embedded.getShape().get(0), width());
    for (Layer layer : layers) {
      NDArray up = Activation.relu(through(layer.up, store, h, training));
      h = through(layer.norm, store, h.add(through(layer.down, store, up, training)), training);
    }
    return through(readout, store, h, training);
  }
}
