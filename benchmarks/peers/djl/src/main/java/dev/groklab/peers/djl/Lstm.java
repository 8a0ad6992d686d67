package dev.groklab.peers.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.LayoutType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.training.ParameterStore;

/** The LSTM, by DJL's own block. */
final class Lstm extends ReportModel {

  private static final NDIndex LAST = new NDIndex(":, -1");

  private final LSTM lstm;
  private final Linear readout;

  Lstm(Sizes sizes) {
    super(sizes);
    LayoutType[] layout = {LayoutType.BATCH, LayoutType.TIME, LayoutType.CHANNEL};
    lstm =
        add(
            "lstm",
            LSTM.builder().setStateSize(sizes.hidden()).setNumLayers(sizes.layers()).build(),
            new Shape(new long[] {1, Sizes.LENGTH, sizes.dim()}, layout));
    for (int i = 0; i < sizes.layers(); i++) {
      name("lstm." + i + ".input.weight", lstm, "l_" + i + "_i2h_WEIGHT");
      name("lstm." + i + ".hidden.weight", lstm, "l_" + i + "_h2h_WEIGHT");
      name("lstm." + i + ".input.bias", lstm, "l_" + i + "_i2h_BIAS");
      name("lstm." + i + ".hidden.bias", lstm, "l_" + i + "_h2h_BIAS");
    }
    readout = linear("readout", sizes.hidden(), sizes.vocabulary());
  }

  @Override
  NDArray logits(ParameterStore store, NDArray embedded, boolean training) {
    return through(readout, store, through(lstm, store, embedded, training).get(LAST), training);
  }
}
