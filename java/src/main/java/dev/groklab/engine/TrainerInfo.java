package dev.groklab.engine;

import java.util.List;

/**
 * The sizes of a trainer, which never change.
 *
 * @param replicas R
 * @param precision arithmetic and type of the flat buffers
 * @param parameterCount P, elements of a flat buffer
 * @param classes logits of an answer
 * @param answers answers of a row
 * @param features numbers of a row; 0: its rows are tokens
 * @param tensors the named views into a flat buffer
 * @param activations what the model makes on the way to the logits
 */
record TrainerInfo(
    int replicas,
    Precision precision,
    long parameterCount,
    int classes,
    int answers,
    int features,
    List<TensorInfo> tensors,
    List<ActivationInfo> activations) {}
