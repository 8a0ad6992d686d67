package dev.groklab.engine;

import java.util.List;

/**
 * The sizes of a trainer, which never change.
 *
 * @param replicas R
 * @param precision arithmetic and type of the flat buffers
 * @param parameterCount P, elements of a flat buffer
 * @param vocabulary V, number of logits
 * @param tensors the named views into a flat buffer
 */
record TrainerInfo(
    int replicas,
    Precision precision,
    long parameterCount,
    int vocabulary,
    List<TensorInfo> tensors) {}
