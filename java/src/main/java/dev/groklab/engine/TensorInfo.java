package dev.groklab.engine;

import java.util.List;

/**
 * A named parameter tensor: a view into a replica's flat buffers.
 *
 * @param name PyTorch-style name, such as {@code blocks.0.attention.in_proj.weight}
 * @param shape extents; row-major
 * @param offset index of its first element in the flat buffer
 * @param count number of its elements
 */
public record TensorInfo(String name, List<Integer> shape, long offset, long count) {

  /** Copies the shape. */
  public TensorInfo {
    shape = List.copyOf(shape);
  }
}
