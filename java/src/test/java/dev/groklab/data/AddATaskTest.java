package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.engine.AdamW;
import dev.groklab.engine.Backend;
import dev.groklab.engine.BatchLayout;
import dev.groklab.engine.Chunk;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.Evaluation;
import dev.groklab.engine.Precision;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.Trainer;
import dev.groklab.engine.TrainerOptions;
import dev.groklab.engine.Transformer;
import dev.groklab.schedule.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The code in docs/add-a-task.md. What stands there stands here, and does what it says. */
class AddATaskTest {

  private static final Path PAGE = Path.of("../docs/add-a-task.md");
  private static final List<Path> SOURCES =
      List.of(
          Path.of("src/test/java/dev/groklab/data/AddATaskTest.java"),
          Path.of("src/main/java/dev/groklab/data/Tasks.java"));

  @Test
  void trainsOnAnOperationOfOnesOwn() {
    Task task = BinaryOperation.modular("x2_plus_3y", 97, (x, y) -> x * x + 3 * y);

    Evaluation evaluation = train(task);

    assertThat(task.table().targets()[5 * 97 + 30]).isEqualTo(115 - 97);
    assertThat(evaluation.loss(0, 0)).isLessThan(Math.log(97)); // that of a guess
    assertThat(evaluation.loss(0, 0)).isLessThan(evaluation.loss(0, 1));
  }

  static Evaluation train(Task task) {
    TokenTable table = task.table();
    Split split = Split.random(table.rows(), 0.5, 0);
    BatchOrder order = BatchOrder.shuffled(split.train(), 256, 0);
    Schedule rate = Schedule.constant(1e-3).warmup(10);
    Transformer model = new Transformer(table.vocabulary(), task.positions(), 1, 64, 4, 256);
    ReplicaOptions replica = new ReplicaOptions(new AdamW(0.9, 0.98, 1e-8, 1.0), 0.0, 0);
    try (Engine engine = Engine.open(new EngineOptions(Backend.AUTO, 0));
        Dataset data = engine.dataset(table);
        Trainer trainer =
            engine.trainer(
                data,
                new TrainerOptions(model, Precision.FP32, BatchLayout.AUTO, List.of(replica)));
        Chunk chunk = trainer.chunk(100, order.capacity())) {
      trainer.initialize(0, 0);
      trainer.setSplit(0, 0, split.train());
      trainer.setSplit(0, 1, split.validation());
      int[] rows = new int[order.capacity()];
      for (int step = 0; step < 100; step++) {
        chunk.batch(0, step, rows, 0, order.rows(step, rows), rate.rate(step));
      }
      trainer.run(chunk);
      return trainer.evaluate(2, null); // losses and accuracies of both splits
    }
  }

  @Test
  void makesOperationsOnPartsAndGroups() {
    PrimeField field = new PrimeField(97);
    Task ratio =
        BinaryOperation.modular("ratio", 97, (x, y) -> field.divide(x + y, x - y))
            .where((x, y) -> x != y);

    SymmetricGroup s4 = new SymmetricGroup(4);
    Task commutator =
        BinaryOperation.of(
            "s4_commutator",
            s4.order(),
            (x, y) -> s4.product(s4.product(x, y), s4.inverse(s4.product(y, x))));

    assertThat(ratio.rows()).isEqualTo(97 * 96);
    assertThat(ratio.table().targets()).startsWith(96, 96).endsWith(191 - 97); // −1, −1, …, 191/1
    assertThat(commutator.rows()).isEqualTo(24 * 24);
    assertThat(commutator.table().targets()).startsWith(0, 0, 0);
  }

  @Test
  void pageShowsTheCodeOfThisTest() throws IOException {
    List<String> examples =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE))
            .results()
            .map(match -> unindented(match.group(1)))
            .toList();
    String code = SOURCES.stream().map(AddATaskTest::read).collect(Collectors.joining());

    assertThat(examples).hasSize(4);
    assertThat(examples).allSatisfy(example -> assertThat(code).contains(example));
  }

  private static String read(Path source) {
    try {
      return unindented(Files.readString(source));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String unindented(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
