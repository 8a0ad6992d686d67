package dev.groklab.run;

import dev.groklab.engine.Buffer;
import dev.groklab.engine.Precision;
import dev.groklab.engine.TensorInfo;
import dev.groklab.engine.Trainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** A replica's flat buffers as named tensors, and back. */
public final class Weights {

  private Weights() {}

  /**
   * The tensors of a buffer, in the trainer's precision.
   *
   * @param trainer whose buffer it is
   * @param replica number of the replica
   * @param buffer which buffer
   * @param prefix what the tensors' names begin with
   * @return the tensors, in the buffer's order
   */
  public static List<Tensor> read(Trainer trainer, int replica, Buffer buffer, String prefix) {
    Tensor.Type type = trainer.precision() == Precision.FP64 ? Tensor.Type.F64 : Tensor.Type.F32;
    byte[] flat = trainer.read(replica, buffer);
    List<Tensor> tensors = new ArrayList<>();
    for (TensorInfo info : trainer.tensors()) {
      int from = Math.toIntExact(info.offset() * type.size());
      int to = Math.toIntExact((info.offset() + info.count()) * type.size());
      tensors.add(
          new Tensor(prefix + info.name(), type, shape(info), Arrays.copyOfRange(flat, from, to)));
    }
    return tensors;
  }

  /**
   * Writes tensors into a buffer, converted to the trainer's precision.
   *
   * @param file where the tensors come from, for messages
   * @throws FormatException if one is missing or has another shape
   */
  static void write(
      Trainer trainer,
      int replica,
      Buffer buffer,
      String prefix,
      Path file,
      Map<String, Tensor> tensors)
      throws FormatException {
    double[] flat = new double[Math.toIntExact(trainer.parameterCount())];
    for (TensorInfo info : trainer.tensors()) {
      String name = prefix + info.name();
      Tensor tensor = tensors.get(name);
      if (tensor == null) {
        throw new FormatException(file, "tensor " + name + " is missing");
      }
      if (!tensor.shape().equals(shape(info))) {
        throw new FormatException(
            file,
            "tensor " + name + " has shape " + tensor.shape() + "; needed is " + info.shape());
      }
      double[] values = tensor.toDoubles();
      System.arraycopy(values, 0, flat, Math.toIntExact(info.offset()), values.length);
    }
    trainer.write(replica, buffer, flat);
  }

  /** Refuses tensors that the model does not have. */
  static void requireNoOthers(Trainer trainer, Path file, Map<String, Tensor> tensors)
      throws FormatException {
    TreeSet<String> others = new TreeSet<>(tensors.keySet());
    trainer.tensors().forEach(info -> others.remove(info.name()));
    if (!others.isEmpty()) {
      throw new FormatException(
          file, "tensor " + String.join(", ", others) + " is not one of this model's");
    }
  }

  private static List<Long> shape(TensorInfo info) {
    return info.shape().stream().map(Integer::longValue).toList();
  }
}
