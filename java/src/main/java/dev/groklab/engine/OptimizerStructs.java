package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_optimizer_options;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/** Translates optimizers into the ABI's struct, for trainers and for the op. */
final class OptimizerStructs {

  private OptimizerStructs() {}

  /** An array of structs, one per optimizer. */
  static MemorySegment array(
      SegmentAllocator allocator, List<Optimizer> optimizers, double[] clipNorms) {
    MemorySegment structs = groklab_optimizer_options.allocateArray(optimizers.size(), allocator);
    for (int i = 0; i < optimizers.size(); i++) {
      fill(groklab_optimizer_options.asSlice(structs, i), optimizers.get(i), clipNorms[i]);
    }
    return structs;
  }

  private static void fill(MemorySegment struct, Optimizer optimizer, double clipNorm) {
    groklab_optimizer_options.struct_size(struct, (int) groklab_optimizer_options.sizeof());
    groklab_optimizer_options.clip_norm(struct, clipNorm);
    switch (optimizer) {
      case AdamW adamW -> {
        groklab_optimizer_options.kind(struct, groklab_h.GROKLAB_OPTIMIZER_ADAMW());
        groklab_optimizer_options.beta1(struct, adamW.beta1());
        groklab_optimizer_options.beta2(struct, adamW.beta2());
        groklab_optimizer_options.epsilon(struct, adamW.epsilon());
        groklab_optimizer_options.weight_decay(struct, adamW.weightDecay());
      }
      case Adam adam -> {
        groklab_optimizer_options.kind(struct, groklab_h.GROKLAB_OPTIMIZER_ADAM());
        groklab_optimizer_options.beta1(struct, adam.beta1());
        groklab_optimizer_options.beta2(struct, adam.beta2());
        groklab_optimizer_options.epsilon(struct, adam.epsilon());
        groklab_optimizer_options.weight_decay(struct, adam.weightDecay());
      }
      case Sgd sgd -> {
        groklab_optimizer_options.kind(struct, groklab_h.GROKLAB_OPTIMIZER_SGD());
        groklab_optimizer_options.momentum(struct, sgd.momentum());
        groklab_optimizer_options.nesterov(struct, sgd.nesterov() ? 1 : 0);
        groklab_optimizer_options.weight_decay(struct, sgd.weightDecay());
      }
      case RmsProp rmsProp -> {
        groklab_optimizer_options.kind(struct, groklab_h.GROKLAB_OPTIMIZER_RMSPROP());
        groklab_optimizer_options.alpha(struct, rmsProp.alpha());
        groklab_optimizer_options.epsilon(struct, rmsProp.epsilon());
        groklab_optimizer_options.weight_decay(struct, rmsProp.weightDecay());
        groklab_optimizer_options.momentum(struct, rmsProp.momentum());
        groklab_optimizer_options.centered(struct, rmsProp.centered() ? 1 : 0);
      }
    }
  }
}
