package dev.groklab.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.groklab.engine.OptimizerOp.Settings;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every method of everything that was closed says so. */
class UseAfterCloseTest {

  private static final Workload WORKLOAD = new Workload(1, 1, List.of());

  @TestFactory
  Stream<DynamicTest> engine() {
    Engine open = Tiny.engine(1);
    Dataset dataset = open.dataset(Tiny.TABLE);
    Engine engine = Tiny.engine(1);
    Dataset ofClosed = engine.dataset(Tiny.TABLE);
    engine.close();

    Map<String, ThrowingCallable> uses = new LinkedHashMap<>();
    uses.put("info", engine::info);
    uses.put("ops", engine::ops);
    uses.put("measurePeak", () -> engine.measurePeak(Precision.FP32, Duration.ofMillis(1)));
    uses.put("dataset", () -> engine.dataset(Tiny.TABLE));
    uses.put("trainer", () -> engine.trainer(ofClosed, Tiny.options(Precision.FP32, 1)));
    uses.put(
        "memoryNeeded",
        () -> engine.memoryNeeded(ofClosed, Tiny.options(Precision.FP32, 1), WORKLOAD));
    return refused(uses, "the engine is closed").onClose(() -> closeAll(dataset, ofClosed, open));
  }

  @TestFactory
  Stream<DynamicTest> dataset() {
    Engine engine = Tiny.engine(1);
    Dataset dataset = engine.dataset(Tiny.TABLE);
    dataset.close();

    Map<String, ThrowingCallable> uses = new LinkedHashMap<>();
    uses.put("rows", dataset::rows);
    uses.put("vocabulary", dataset::vocabulary);
    uses.put("sequenceLength", dataset::sequenceLength);
    uses.put(
        "memoryNeeded",
        () -> engine.memoryNeeded(dataset, Tiny.options(Precision.FP32, 1), WORKLOAD));
    uses.put("trainer", () -> engine.trainer(dataset, Tiny.options(Precision.FP32, 1)));
    return refused(uses, "the data set is closed").onClose(engine::close);
  }

  @TestFactory
  Stream<DynamicTest> trainer() {
    Engine engine = Tiny.engine(1);
    Dataset dataset = engine.dataset(Tiny.TABLE);
    Trainer trainer = engine.trainer(dataset, Tiny.options(Precision.FP32, 1));
    Chunk chunk = trainer.chunk(1, 1);
    trainer.close();

    Map<String, ThrowingCallable> uses = new LinkedHashMap<>();
    uses.put("replicas", trainer::replicas);
    uses.put("precision", trainer::precision);
    uses.put("parameterCount", trainer::parameterCount);
    uses.put("tensors", trainer::tensors);
    uses.put("initialize", () -> trainer.initialize(0, 0));
    uses.put("read", () -> trainer.read(0, Buffer.PARAMETERS));
    uses.put("readDoubles", () -> trainer.readDoubles(0, Buffer.PARAMETERS));
    uses.put("readFloats", () -> trainer.readFloats(0, Buffer.PARAMETERS));
    uses.put("write bytes", () -> trainer.write(0, Buffer.PARAMETERS, new byte[4]));
    uses.put("write doubles", () -> trainer.write(0, Buffer.PARAMETERS, new double[1]));
    uses.put("step", () -> trainer.step(0));
    uses.put("setStep", () -> trainer.setStep(0, 1));
    uses.put("chunk", () -> trainer.chunk(1, 1));
    uses.put("run", () -> trainer.run(chunk));
    uses.put("setSplit", () -> trainer.setSplit(0, 0, new int[1]));
    uses.put("evaluate", () -> trainer.evaluate(0, null));
    uses.put("gradient", () -> trainer.gradient(0, new int[1]));
    uses.put("reserve", () -> trainer.reserve(WORKLOAD));
    uses.put("memoryUsed", trainer::memoryUsed);
    uses.put("stepCost", () -> trainer.stepCost(0, new int[1]));
    uses.put("logits", () -> trainer.logits(0, new int[1]));
    return refused(uses, "the trainer is closed").onClose(() -> closeAll(chunk, dataset, engine));
  }

  @TestFactory
  Stream<DynamicTest> chunk() {
    Engine engine = Tiny.engine(1);
    Dataset dataset = engine.dataset(Tiny.TABLE);
    Trainer trainer = engine.trainer(dataset, Tiny.options(Precision.FP32, 1));
    Chunk chunk = trainer.chunk(1, 1);
    chunk.close();

    Map<String, ThrowingCallable> uses = new LinkedHashMap<>();
    uses.put("clear", chunk::clear);
    uses.put("steps", () -> chunk.steps(1));
    uses.put("setActive", () -> chunk.setActive(0, true));
    uses.put("batch", () -> chunk.batch(0, 0, new int[1], 0, 1, 0.1));
    uses.put("loss", () -> chunk.loss(0, 0));
    uses.put("run", () -> trainer.run(chunk));
    return refused(uses, "the chunk is closed").onClose(() -> closeAll(trainer, dataset, engine));
  }

  @Test
  void ops() {
    Engine engine = Tiny.engine(1);
    Ops ops = engine.ops();
    engine.close();
    RowShape shape = new RowShape(1, 1, 1);
    double[] one = {1};
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(8, 8);
      assertRefused(() -> ops.gelu().forward(Precision.FP64, shape, x, x), "the engine is closed");
      assertRefused(
          () -> ops.relu().backward(Precision.FP64, shape, x, x, x), "the engine is closed");
      assertRefused(
          () -> ops.lstmCell().backward(Precision.FP64, shape, x, x, null, x, null, x, null),
          "the engine is closed");
      assertRefused(
          () ->
              ops.optimizer()
                  .step(
                      Precision.FP64,
                      new OptimizerOp.Shape(1, 1),
                      new Settings(List.of(Tiny.ADAM_W), one, new long[] {1}, one),
                      x,
                      x,
                      x,
                      x,
                      null),
          "the engine is closed");
    }
  }

  @Test
  void buffersOfAnOp() {
    MemorySegment closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = arena.allocate(8, 8);
    }
    try (Engine engine = Tiny.engine(1)) {
      assertRefused(
          () -> engine.ops().gelu().forward(Precision.FP64, new RowShape(1, 1, 1), closed, closed),
          "the arena of x is closed");
    }
  }

  private static Stream<DynamicTest> refused(Map<String, ThrowingCallable> uses, String message) {
    return uses.entrySet().stream()
        .map(use -> dynamicTest(use.getKey(), () -> assertRefused(use.getValue(), message)));
  }

  private static void assertRefused(ThrowingCallable use, String message) {
    assertThatThrownBy(use).isInstanceOf(IllegalStateException.class).hasMessage(message);
  }

  private static void closeAll(AutoCloseable... objects) {
    for (AutoCloseable object : objects) {
      try {
        object.close();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }
}
