package dev.groklab.experiments.explain;

import dev.groklab.progress.NeuronFrequencies;
import dev.groklab.progress.TransformerReader;
import java.util.stream.IntStream;

/**
 * What happens inside a Transformer at the last position of every row of additions modulo p.
 *
 * @param attention [layers][heads][4][p²] weights of x, +, y and =
 * @param neurons [layers][hidden][p²] activations
 */
record Inside(float[][][][] attention, float[][][] neurons) {

  static Inside of(TransformerReader reader, int p, int layers, int heads, int hidden) {
    Inside inside =
        new Inside(new float[layers][heads][4][p * p], new float[layers][hidden][p * p]);
    IntStream.range(0, p)
        .parallel()
        .forEach(
            x -> {
              TransformerReader.Position start = reader.read(x).then(p);
              for (int y = 0; y < p; y++) {
                inside.keep(x * p + y, start.then(y).then(p + 1));
              }
            });
    return inside;
  }

  private void keep(int row, TransformerReader.Position position) {
    for (int layer = 0; layer < attention.length; layer++) {
      for (int head = 0; head < attention[layer].length; head++) {
        double[] weights = position.attention(layer, head);
        for (int i = 0; i < weights.length; i++) {
          attention[layer][head][i][row] = (float) weights[i];
        }
      }
      double[] activations = position.neurons(layer);
      for (int i = 0; i < activations.length; i++) {
        neurons[layer][i][row] = (float) activations[i];
      }
    }
  }

  /** The frequency of each neuron of a layer. */
  NeuronFrequencies[] frequencies(int layer, int p) {
    return IntStream.range(0, neurons[layer].length)
        .parallel()
        .mapToObj(i -> NeuronFrequencies.of(p, doubles(neurons[layer][i])))
        .toArray(NeuronFrequencies[]::new);
  }

  static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  /** The mean of a table. */
  static double mean(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElseThrow();
  }
}
