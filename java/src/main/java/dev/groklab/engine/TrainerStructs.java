package dev.groklab.engine;

import dev.groklab.ffi.groklab_activation_info;
import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_memory;
import dev.groklab.ffi.groklab_model_options;
import dev.groklab.ffi.groklab_optimizer_options;
import dev.groklab.ffi.groklab_replica_options;
import dev.groklab.ffi.groklab_tensor_info;
import dev.groklab.ffi.groklab_trainer_info;
import dev.groklab.ffi.groklab_trainer_options;
import dev.groklab.ffi.groklab_workload;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Translates a trainer's options into the ABI's structs, and its description out of them. */
final class TrainerStructs {

  private TrainerStructs() {}

  static MemorySegment options(SegmentAllocator allocator, TrainerOptions options) {
    MemorySegment struct = Native.struct(allocator, groklab_trainer_options.layout());
    groklab_trainer_options.precision(struct, Codes.of(options.precision()));
    groklab_trainer_options.layout(struct, Codes.of(options.layout()));
    groklab_trainer_options.replicas(struct, options.replicas().size());
    groklab_trainer_options.model(struct, model(allocator, options.model()));
    groklab_trainer_options.replica_options(struct, replicas(allocator, options.replicas()));
    return struct;
  }

  static MemorySegment workload(SegmentAllocator allocator, Workload workload) {
    MemorySegment struct = Native.struct(allocator, groklab_workload.layout());
    groklab_workload.batch_capacity(struct, workload.batchCapacity());
    groklab_workload.chunk_steps(struct, workload.chunkSteps());
    groklab_workload.splits(struct, workload.splitRows().size());
    long[] rows = workload.splitRows().stream().mapToLong(Integer::longValue).toArray();
    groklab_workload.split_rows(struct, allocator.allocateFrom(ValueLayout.JAVA_LONG, rows));
    return struct;
  }

  static MemoryUse memory(MemorySegment struct) {
    return new MemoryUse(groklab_memory.host_bytes(struct), groklab_memory.device_bytes(struct));
  }

  private static MemorySegment model(SegmentAllocator allocator, Model model) {
    MemorySegment struct = Native.struct(allocator, groklab_model_options.layout());
    switch (model) {
      case Transformer transformer -> {
        groklab_model_options.kind(struct, groklab_h.GROKLAB_MODEL_TRANSFORMER());
        groklab_model_options.vocabulary(struct, transformer.vocabulary());
        groklab_model_options.positions(struct, transformer.positions());
        groklab_model_options.layers(struct, transformer.layers());
        groklab_model_options.width(struct, transformer.width());
        groklab_model_options.heads(struct, transformer.heads());
        groklab_model_options.hidden(struct, transformer.hidden());
      }
      case Mlp mlp -> {
        groklab_model_options.kind(struct, groklab_h.GROKLAB_MODEL_MLP());
        groklab_model_options.vocabulary(struct, mlp.vocabulary());
        groklab_model_options.positions(struct, mlp.positions());
        groklab_model_options.layers(struct, mlp.layers());
        groklab_model_options.width(struct, mlp.width());
        groklab_model_options.hidden(struct, mlp.hidden());
      }
      case Lstm lstm -> {
        groklab_model_options.kind(struct, groklab_h.GROKLAB_MODEL_LSTM());
        groklab_model_options.vocabulary(struct, lstm.vocabulary());
        groklab_model_options.positions(struct, lstm.positions());
        groklab_model_options.layers(struct, lstm.layers());
        groklab_model_options.width(struct, lstm.width());
        groklab_model_options.hidden(struct, lstm.hidden());
      }
      case Dense dense -> {
        groklab_model_options.kind(struct, groklab_h.GROKLAB_MODEL_DENSE());
        groklab_model_options.vocabulary(struct, dense.classes());
        groklab_model_options.layers(struct, dense.layers());
        groklab_model_options.hidden(struct, dense.hidden());
      }
      case Cnn cnn -> {
        groklab_model_options.kind(struct, groklab_h.GROKLAB_MODEL_CNN());
        groklab_model_options.vocabulary(struct, cnn.classes());
        groklab_model_options.layers(struct, cnn.layers());
        groklab_model_options.width(struct, cnn.width());
        groklab_model_options.hidden(struct, cnn.hidden());
      }
      case Seq2Seq seq2seq -> {
        groklab_model_options.kind(struct, groklab_h.GROKLAB_MODEL_SEQ2SEQ());
        groklab_model_options.vocabulary(struct, seq2seq.classes());
        groklab_model_options.positions(struct, seq2seq.positions());
        groklab_model_options.layers(struct, seq2seq.layers());
        groklab_model_options.width(struct, seq2seq.width());
        groklab_model_options.heads(struct, seq2seq.heads());
        groklab_model_options.hidden(struct, seq2seq.hidden());
        groklab_model_options.looks_ahead(struct, seq2seq.causal() ? 0 : 1);
      }
    }
    return struct;
  }

  private static MemorySegment replicas(SegmentAllocator allocator, List<ReplicaOptions> replicas) {
    MemorySegment structs = groklab_replica_options.allocateArray(replicas.size(), allocator);
    MemorySegment optimizers =
        OptimizerStructs.array(
            allocator,
            replicas.stream().map(ReplicaOptions::optimizer).toList(),
            replicas.stream().mapToDouble(ReplicaOptions::clipNorm).toArray());
    for (int i = 0; i < replicas.size(); i++) {
      ReplicaOptions replica = replicas.get(i);
      MemorySegment struct = groklab_replica_options.asSlice(structs, i);
      groklab_replica_options.struct_size(struct, (int) groklab_replica_options.sizeof());
      groklab_replica_options.batch_capacity(struct, replica.batchCapacity());
      groklab_replica_options.dropout(struct, replica.dropout());
      groklab_replica_options.dropout_seed(struct, replica.dropoutSeed());
      groklab_replica_options.optimizer(struct, groklab_optimizer_options.asSlice(optimizers, i));
    }
    return structs;
  }

  static TrainerInfo query(
      SegmentAllocator allocator, MemorySegment trainer, TrainerOptions options, Dataset dataset) {
    MemorySegment info = Native.struct(allocator, groklab_trainer_info.layout());
    Native.check(groklab_h.groklab_trainer_query(trainer, info));
    List<TensorInfo> tensors = new ArrayList<>();
    for (int index = 0; index < groklab_trainer_info.tensors(info); index++) {
      tensors.add(tensor(allocator, trainer, index));
    }
    return new TrainerInfo(
        options.replicas().size(),
        options.precision(),
        groklab_trainer_info.parameters(info),
        dataset.classes(),
        dataset.answers(),
        dataset.features(),
        List.copyOf(tensors),
        activations(allocator, trainer));
  }

  private static List<ActivationInfo> activations(
      SegmentAllocator allocator, MemorySegment trainer) {
    MemorySegment count = allocator.allocate(ValueLayout.JAVA_INT);
    Native.check(groklab_h.groklab_trainer_activation_count(trainer, count));
    List<ActivationInfo> all = new ArrayList<>();
    for (int index = 0; index < count.get(ValueLayout.JAVA_INT, 0); index++) {
      MemorySegment info = Native.struct(allocator, groklab_activation_info.layout());
      Native.check(groklab_h.groklab_trainer_activation(trainer, index, info));
      all.add(
          new ActivationInfo(
              groklab_activation_info.name(info).getString(0),
              Math.toIntExact(groklab_activation_info.positions(info)),
              Math.toIntExact(groklab_activation_info.width(info)),
              groklab_activation_info.has_gradient(info) != 0));
    }
    return List.copyOf(all);
  }

  private static TensorInfo tensor(SegmentAllocator allocator, MemorySegment trainer, int index) {
    MemorySegment info = Native.struct(allocator, groklab_tensor_info.layout());
    Native.check(groklab_h.groklab_trainer_tensor(trainer, index, info));
    MemorySegment extents = groklab_tensor_info.shape(info);
    List<Integer> shape = new ArrayList<>();
    for (int axis = 0; axis < groklab_tensor_info.rank(info); axis++) {
      shape.add(Math.toIntExact(extents.getAtIndex(ValueLayout.JAVA_LONG, axis)));
    }
    return new TensorInfo(
        groklab_tensor_info.name(info).getString(0),
        shape,
        groklab_tensor_info.offset(info),
        groklab_tensor_info.count(info));
  }
}
