package dev.groklab.peers.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the report's models share: tokens int32 [batch, T], embedded with their positions, go in,
 * logits [batch, V] come out. Parameters have the names of {@code init.safetensors}.
 *
 * <p>DJL gives the result of an operation to the memory manager of the first operand; so that
 * stands for the step everywhere, and a step's memory is released with its manager.
 */
abstract class ReportModel extends AbstractBlock {

  final Sizes sizes;
  private final Map<String, Parameter> named = new LinkedHashMap<>();
  private final Map<Block, Shape> layers = new LinkedHashMap<>();
  private final Parameter tokens;
  private final Parameter positions;

  ReportModel(Sizes sizes) {
    this.sizes = sizes;
    tokens = table("token_embedding", sizes.vocabulary());
    positions = table("position_embedding", sizes.positions());
  }

  static ReportModel named(String model, Sizes sizes) {
    return switch (model) {
      case "transformer" -> new Transformer(sizes);
      case "mlp" -> new Mlp(sizes);
      case "lstm" -> new Lstm(sizes);
      default ->
          throw new IllegalArgumentException(
              "'" + model + "' is not known; choose transformer, mlp or lstm");
    };
  }

  private Parameter table(String name, int rows) {
    Parameter table =
        addParameter(
            Parameter.builder()
                .setName(name)
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(rows, sizes.dim()))
                .build());
    named.put(name + ".weight", table);
    return table;
  }

  final Linear linear(String name, int in, int out) {
    Linear layer = add(name, Linear.builder().setUnits(out).build(), new Shape(1, in));
    name(name + ".weight", layer, "weight");
    name(name + ".bias", layer, "bias");
    return layer;
  }

  /** A norm over the last axis. */
  final LayerNorm norm(String name, int width) {
    LayerNorm norm = add(name, LayerNorm.builder().build(), new Shape(1, width));
    name(name + ".weight", norm, "gamma");
    name(name + ".bias", norm, "beta");
    return norm;
  }

  final <B extends Block> B add(String name, B child, Shape input) {
    addChildBlock(name, child);
    layers.put(child, input);
    return child;
  }

  /** Gives a layer's parameter the name that it has in {@code init.safetensors}. */
  final void name(String name, Block layer, String parameter) {
    named.put(name, layer.getDirectParameters().get(parameter));
  }

  /** Has the parameters begin as recorded. To be called before the model is initialized. */
  final void beginAt(Inputs inputs) {
    named.forEach(
        (name, parameter) ->
            parameter.setInitializer(
                (manager, shape, type) -> manager.create(inputs.weight(name), shape)));
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
    layers.forEach((child, input) -> child.initialize(manager, type, input));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {new Shape(inputs[0].get(0), sizes.vocabulary())};
  }

  @Override
  protected final NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> more) {
    NDArray batch = inputs.singletonOrThrow();
    NDArray places = batch.getManager().arange(Sizes.LENGTH);
    NDArray embedded = lookUp(store, batch, tokens, training);
    return new NDList(
        logits(store, embedded.add(lookUp(store, places, positions, training)), training));
  }

  private static NDArray lookUp(
      ParameterStore store, NDArray numbers, Parameter table, boolean training) {
    NDArray weights = store.getValue(table, numbers.getDevice(), training);
    return Embedding.embedding(numbers, weights, SparseFormat.DENSE).singletonOrThrow();
  }

  /**
   * The logits.
   *
   * @param h embedded tokens [batch, T, d]
   */
  abstract NDArray logits(ParameterStore store, NDArray h, boolean training);

  static NDArray through(Block block, ParameterStore store, NDArray h, boolean training) {
    return block.forward(store, new NDList(h), training).singletonOrThrow();
  }
}
