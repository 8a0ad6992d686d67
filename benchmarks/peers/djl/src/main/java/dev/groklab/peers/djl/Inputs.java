package dev.groklab.peers.djl;

import dev.groklab.run.Npy;
import dev.groklab.run.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A folder of recorded inputs, as {@code groklab train --replay} reads them.
 *
 * @param weights the initial parameters by name
 * @param batches table rows of each step
 */
record Inputs(Safetensors weights, int[][] batches) {

  static Inputs read(Path folder) throws IOException {
    Npy array = Npy.read(folder.resolve("batches.npy"), 2);
    int width = array.shape()[1];
    int[][] batches = new int[array.shape()[0]][];
    Arrays.setAll(batches, i -> Arrays.copyOfRange(array.values(), i * width, (i + 1) * width));
    return new Inputs(Safetensors.read(folder.resolve("init.safetensors")), batches);
  }

  /** A parameter, rounded to float32. */
  float[] weight(String name) {
    double[] values = weights.tensors().get(name).toDoubles();
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
