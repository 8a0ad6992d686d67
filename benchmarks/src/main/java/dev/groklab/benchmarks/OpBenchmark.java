package dev.groklab.benchmarks;

import dev.groklab.engine.AdamW;
import dev.groklab.engine.AttentionOp;
import dev.groklab.engine.Backend;
import dev.groklab.engine.CrossEntropyOp;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.LinearOp;
import dev.groklab.engine.Ops;
import dev.groklab.engine.Optimizer;
import dev.groklab.engine.OptimizerOp;
import dev.groklab.engine.Precision;
import dev.groklab.engine.RmsProp;
import dev.groklab.engine.RowShape;
import dev.groklab.engine.Sgd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Single ops in float32, at the sizes they have in the report's Transformer for a dense batch: 256
 * rows of 4 tokens, one replica; the LSTM cell at those of the report's LSTM, for one position.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OpBenchmark {
  private static final int TOKENS = 4; // in a row of the table: x + y =
  private static final int N = ReportSetting.BATCH_SIZE * TOKENS;
  private static final int D = ReportSetting.WIDTH;
  private static final int HIDDEN = ReportSetting.HIDDEN;
  private static final int CLASSES = 99;
  private static final int PARAMETERS = 422_883; // of the whole model
  private static final double EPSILON = 1e-5;

  private static final LinearOp.Shape UP = new LinearOp.Shape(1, N, D, HIDDEN);
  private static final RowShape ROWS = new RowShape(1, N, D);
  private static final RowShape HIDDEN_ROWS = new RowShape(1, N, HIDDEN);
  private static final AttentionOp.Shape ATTENTION =
      new AttentionOp.Shape(1, N, N, TOKENS, ReportSetting.HEADS, D);
  private static final CrossEntropyOp.Shape LOGITS =
      new CrossEntropyOp.Shape(1, ReportSetting.BATCH_SIZE, CLASSES);
  private static final RowShape CELLS = new RowShape(1, ReportSetting.BATCH_SIZE, HIDDEN);
  private static final OptimizerOp.Shape MODEL = new OptimizerOp.Shape(1, PARAMETERS);
  private static final OptimizerOp.Settings ADAMW = settings(new AdamW(0.9, 0.98, 1e-8, 1), 0);
  private static final OptimizerOp.Settings ADAMW_CLIPPED =
      settings(new AdamW(0.9, 0.98, 1e-8, 1), 1);
  private static final OptimizerOp.Settings SGD = settings(new Sgd(0.9, true, 1e-4), 0);
  private static final OptimizerOp.Settings RMSPROP =
      settings(new RmsProp(0.99, 1e-8, 1e-4, 0.9, true), 0);

  /** CPU threads; 0 takes all. */
  @Param({"1", "0"})
  public int threads;

  private final Random random = new Random(1);
  private final Arena arena = Arena.ofShared();
  private Engine engine;
  private Ops ops;

  // [N, D], [N, HIDDEN]
  private MemorySegment x;
  private MemorySegment dx;
  private MemorySegment y;
  private MemorySegment dy;
  private MemorySegment hidden;
  private MemorySegment dhidden;
  private MemorySegment activation;

  // Linear layer
  private MemorySegment weight;
  private MemorySegment dweight;
  private MemorySegment bias;
  private MemorySegment dbias;

  // Layer norm
  private MemorySegment gamma;
  private MemorySegment beta;
  private MemorySegment dgamma;
  private MemorySegment dbeta;
  private MemorySegment normalized;
  private MemorySegment inverseDeviation;

  // Attention
  private MemorySegment path;
  private MemorySegment attention;
  private MemorySegment q;
  private MemorySegment k;
  private MemorySegment v;
  private MemorySegment dq;
  private MemorySegment dk;
  private MemorySegment dv;

  // LSTM cell
  private MemorySegment cellInput;
  private MemorySegment cellHidden;
  private MemorySegment cellBias;
  private MemorySegment previousCell;
  private MemorySegment gates;
  private MemorySegment cell;
  private MemorySegment squashedCell;
  private MemorySegment cellOutput;
  private MemorySegment doutput;
  private MemorySegment dcell;
  private MemorySegment dgates;
  private MemorySegment dpreviousCell;

  // Cross-entropy
  private MemorySegment logits;
  private MemorySegment dlogits;
  private MemorySegment targets;

  // Optimizers
  private MemorySegment values;
  private MemorySegment gradients;
  private MemorySegment firstMoments;
  private MemorySegment secondMoments;
  private MemorySegment momentum;

  /** For JMH. */
  public OpBenchmark() {}

  /** Fills all buffers; runs the forward ops once, whose results the backward ones read. */
  @Setup
  public void open() {
    engine = Engine.open(new EngineOptions(Backend.CPU, threads));
    ops = engine.ops();
    x = normal(N * D);
    dx = normal(N * D);
    y = normal(N * D);
    dy = normal(N * D);
    hidden = normal(N * HIDDEN);
    dhidden = normal(N * HIDDEN);
    activation = normal(N * HIDDEN);
    weight = normal(HIDDEN * D);
    dweight = normal(HIDDEN * D);
    bias = normal(HIDDEN);
    dbias = normal(HIDDEN);
    gamma = normal(D);
    beta = normal(D);
    dgamma = normal(D);
    dbeta = normal(D);
    normalized = normal(N * D);
    inverseDeviation = normal(N);
    path = causalPaths();
    attention = normal(N * ReportSetting.HEADS * TOKENS);
    q = normal(N * D);
    k = normal(N * D);
    v = normal(N * D);
    dq = normal(N * D);
    dk = normal(N * D);
    dv = normal(N * D);
    logits = normal(ReportSetting.BATCH_SIZE * CLASSES);
    dlogits = normal(ReportSetting.BATCH_SIZE * CLASSES);
    targets = arena.allocate(ValueLayout.JAVA_INT, ReportSetting.BATCH_SIZE);
    for (int row = 0; row < ReportSetting.BATCH_SIZE; row++) {
      targets.setAtIndex(ValueLayout.JAVA_INT, row, random.nextInt(CLASSES));
    }
    int cells = ReportSetting.BATCH_SIZE * HIDDEN;
    cellInput = normal(4 * cells);
    cellHidden = normal(4 * cells);
    cellBias = normal(4 * HIDDEN);
    previousCell = normal(cells);
    gates = normal(4 * cells);
    cell = normal(cells);
    squashedCell = normal(cells);
    cellOutput = normal(cells);
    doutput = normal(cells);
    dcell = normal(cells);
    dgates = normal(4 * cells);
    dpreviousCell = normal(cells);
    values = normal(PARAMETERS);
    gradients = normal(PARAMETERS);
    firstMoments = arena.allocate(ValueLayout.JAVA_FLOAT, PARAMETERS);
    secondMoments = arena.allocate(ValueLayout.JAVA_FLOAT, PARAMETERS);
    momentum = arena.allocate(ValueLayout.JAVA_FLOAT, PARAMETERS);
    layerNormForward();
    attentionForward();
    lstmCellForward();
  }

  private MemorySegment normal(int count) {
    MemorySegment reals = arena.allocate(ValueLayout.JAVA_FLOAT, count);
    for (int i = 0; i < count; i++) {
      reals.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return reals;
  }

  /** Every token attends to itself and those before it in its row. */
  private MemorySegment causalPaths() {
    MemorySegment paths = arena.allocate(ValueLayout.JAVA_INT, (long) N * TOKENS);
    for (int query = 0; query < N; query++) {
      int position = query % TOKENS;
      for (int t = 0; t < TOKENS; t++) {
        int key = t <= position ? query - position + t : -1;
        paths.setAtIndex(ValueLayout.JAVA_INT, (long) query * TOKENS + t, key);
      }
    }
    return paths;
  }

  /** Gives everything back. */
  @TearDown
  public void close() {
    engine.close();
    arena.close();
  }

  /** The first layer of the feed-forward network. */
  @Benchmark
  public void linearForward() {
    ops.linear().forward(Precision.FP32, UP, x, weight, bias, hidden);
  }

  /** Its three gradients. */
  @Benchmark
  public void linearBackward() {
    ops.linear().backward(Precision.FP32, UP, x, weight, dhidden, dx, dweight, dbias);
  }

  /** Layer norm of a sum. */
  @Benchmark
  public final void layerNormForward() {
    ops.layerNorm()
        .forward(
            Precision.FP32, ROWS, EPSILON, x, dy, gamma, beta, normalized, inverseDeviation, y);
  }

  /** Its gradients. */
  @Benchmark
  public void layerNormBackward() {
    ops.layerNorm()
        .backward(
            Precision.FP32,
            ROWS,
            EPSILON,
            gamma,
            normalized,
            inverseDeviation,
            dy,
            dx,
            dgamma,
            dbeta);
  }

  /** GELU of the hidden layer. */
  @Benchmark
  public void geluForward() {
    ops.gelu().forward(Precision.FP32, HIDDEN_ROWS, hidden, activation);
  }

  /** Its gradient. */
  @Benchmark
  public void geluBackward() {
    ops.gelu().backward(Precision.FP32, HIDDEN_ROWS, hidden, dhidden, activation);
  }

  /** ReLU of the same. */
  @Benchmark
  public void reluForward() {
    ops.relu().forward(Precision.FP32, HIDDEN_ROWS, hidden, activation);
  }

  /** Its gradient. */
  @Benchmark
  public void reluBackward() {
    ops.relu().backward(Precision.FP32, HIDDEN_ROWS, hidden, dhidden, activation);
  }

  /** A step of an LSTM layer, from products to state. */
  @Benchmark
  public final void lstmCellForward() {
    ops.lstmCell()
        .forward(
            Precision.FP32,
            CELLS,
            cellInput,
            cellHidden,
            cellBias,
            previousCell,
            gates,
            cell,
            squashedCell,
            cellOutput);
  }

  /** Its gradients. */
  @Benchmark
  public void lstmCellBackward() {
    ops.lstmCell()
        .backward(
            Precision.FP32,
            CELLS,
            gates,
            squashedCell,
            previousCell,
            doutput,
            dcell,
            dgates,
            dpreviousCell);
  }

  /** Causal attention. */
  @Benchmark
  public final void attentionForward() {
    ops.attention().forward(Precision.FP32, ATTENTION, path, q, k, v, attention, y);
  }

  /** Its gradients. */
  @Benchmark
  public void attentionBackward() {
    ops.attention().backward(Precision.FP32, ATTENTION, path, q, k, v, attention, dy, dq, dk, dv);
  }

  /**
   * Loss and its gradient.
   *
   * @return the loss
   */
  @Benchmark
  public double crossEntropy() {
    return ops.crossEntropy()
        .run(Precision.FP32, LOGITS, logits, targets, null, dlogits)
        .losses()[0];
  }

  /** A step of AdamW over the whole model. */
  @Benchmark
  public void adamw() {
    step(ADAMW);
  }

  /** The same with the gradient's norm held to 1. */
  @Benchmark
  public void adamwClipped() {
    step(ADAMW_CLIPPED);
  }

  /** A step of SGD with Nesterov's momentum. */
  @Benchmark
  public void sgd() {
    step(SGD);
  }

  /** A step of centred RMSprop with momentum. */
  @Benchmark
  public void rmsprop() {
    step(RMSPROP);
  }

  private void step(OptimizerOp.Settings settings) {
    ops.optimizer()
        .step(
            Precision.FP32,
            MODEL,
            settings,
            gradients,
            values,
            firstMoments,
            secondMoments,
            momentum);
  }

  private static OptimizerOp.Settings settings(Optimizer optimizer, double clipNorm) {
    return new OptimizerOp.Settings(
        List.of(optimizer),
        new double[] {clipNorm},
        new long[] {1000},
        new double[] {ReportSetting.LEARNING_RATE});
  }
}
