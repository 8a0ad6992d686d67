package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three seeds together, one MLP, and one that diverged. */
class RunsCommandTest {

  @TempDir private static Path folder;
  @TempDir private Path mine;

  @BeforeAll
  static void train() {
    Groklab.tiny(folder.resolve("seeds"), "--steps", "20", "--seeds", "9..11");
    Groklab.tiny(
        folder.resolve("deep/mlp's"),
        "--steps",
        "20",
        "--model",
        "mlp",
        "--batch-size",
        "full",
        "--train-fraction",
        "0.55");
    Groklab.tiny(folder.resolve("deep/wild"), "--steps", "30", "--lr", "1e30");
  }

  private static Groklab runs(String... options) {
    return Groklab.run(
        Stream.concat(Stream.of("runs", folder.toString()), Stream.of(options))
            .toArray(String[]::new));
  }

  @Test
  void listsEveryRunAtAnyDepth() throws IOException {
    Groklab list = runs();
    assertThat(list.err()).isEmpty();
    assertThat(list.status()).isZero();
    List<String> lines = list.out().lines().toList();
    assertThat(lines).hasSize(6);
    assertThat(lines.getFirst().split(" +"))
        .containsExactly(
            "run",
            "status",
            "model",
            "p",
            "α",
            "optimizer",
            "seed",
            "steps",
            "step_train_99",
            "step_val_99",
            "delay",
            "train_acc",
            "val_acc");
    assertThat(lines.get(1)).startsWith(folder.resolve("deep/mlp's") + " ").contains(" mlp ");
    assertThat(lines.get(2)).contains(" diverged ");
    assertThat(lines.get(3)).contains("seed-9 ", " done ", " transformer  11 ");
    assertThat(lines.get(5)).contains("seed-11 ");
    String accuracy = Runs.summary(folder.resolve("seeds/seed-11")).at("/final/val_accuracy") + "";
    assertThat(lines.get(5)).contains(accuracy.substring(0, 6));
  }

  @ParameterizedTest
  @CsvSource({
    "model=mlp, 1",
    "status=done, 4",
    "seed=10, 1",
    "train-fraction=0.55, 1",
    "train_fraction=0.550, 1",
    "batch-size=full, 1",
    "batch-size=16, 4",
    "nesterov=true, 0",
    "step-val-99=null, 5",
    "lr=1e30, 1",
  })
  void whereChooses(String condition, int count) {
    assertThat(runs("--where", condition).out().lines()).hasSize(1 + count);
  }

  @Test
  void conditionsMustAllHold() {
    assertThat(runs("--where", "status=done", "--where", "seed=0").out().lines()).hasSize(2);
    assertThat(runs("--where", "seed=9", "--sql", "SELECT count(*) AS n FROM metrics").out())
        .isEqualTo("n\n3\n");
  }

  @Test
  void sqlAnswersQuestionsOverRunsAndMetrics() {
    Groklab answer =
        runs(
            "--sql",
            """
            SELECT r.model, count(DISTINCT r.run) AS runs, count(*) AS evaluations,
                   max(m.step) AS last, any_value(m.step) IS NULL AS odd
            FROM runs r JOIN metrics m USING (run)
            WHERE status = 'done' GROUP BY r.model ORDER BY r.model;
            """);
    assertThat(answer.err()).isEmpty();
    assertThat(answer.out().lines().map(line -> line.replaceAll(" +", " ")))
        .containsExactly(
            "model runs evaluations last odd", "mlp 1 3 20 false", "transformer 3 9 20 false");
    assertThat(runs("--sql", "SELECT final_val_loss FROM runs WHERE status = 'diverged'").out())
        .isEqualTo("final_val_loss\n-\n");
  }

  @Test
  void exportsHoldWhatWasAsked() throws IOException, SQLException {
    Path csv = mine.resolve("it's.csv");
    Path parquet = mine.resolve("all.parquet");
    Groklab export = runs("--csv", csv.toString(), "--parquet", parquet.toString());
    assertThat(export.out()).isEqualTo("5 rows in " + csv + "\n5 rows in " + parquet + "\n");
    assertThat(Files.readAllLines(csv))
        .hasSize(6)
        .first()
        .asString()
        .startsWith("run,status,task,p,");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT sum(seed), max(train_fraction) FROM '" + parquet + "'")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getLong(1)).isEqualTo(30);
      assertThat(rows.getDouble(2)).isEqualTo(0.55);
    }
    runs("--csv", csv.toString(), "--sql", "SELECT seed FROM runs ORDER BY seed DESC LIMIT 2;");
    assertThat(csv).hasContent("seed\n11\n10\n");
    try (Stream<Path> files = Files.list(mine)) {
      assertThat(files).containsExactlyInAnyOrder(csv, parquet);
    }
  }

  @Test
  void unfinishedAndDamagedRunsAreTold() throws IOException {
    Path out = mine.resolve("run");
    Groklab.tiny(out, "--steps", "20");
    Files.delete(new RunFolder(out).summary());
    Path damaged = mine.resolve("damaged");
    Groklab.tiny(damaged, "--steps", "20");
    Files.writeString(new RunFolder(damaged).config(), "p: many\n");
    Groklab runs = Groklab.run("runs", mine.toString());
    assertThat(runs.status()).isZero();
    assertThat(runs.err().lines())
        .singleElement()
        .asString()
        .startsWith("groklab runs: left out: " + new RunFolder(damaged).config() + ": p: 'many'");
    assertThat(runs.out().lines()).hasSize(2).last().asString().contains(" unfinished ", " 20 ");
  }

  @Test
  void anEmptyFolderIsAnEmptyTable() {
    assertThat(Groklab.run("runs", mine.toString()).out().lines()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--where model      | --where: 'model' is not allowed: KEY=VALUE is needed",
        "--where modle=mlp  | --where: 'modle' is no column; nearest: model",
        "--where p=x        | --where: 'p=x' is not allowed: a number is needed",
        "--where nesterov=1 | --where: 'nesterov=1' is not allowed: true or false is needed",
        "--sql SELECT       | --sql: Parser Error: ",
        "--sql DROP_x       | --sql: Parser Error: ",
        "/nonexistent       | /nonexistent: is no folder",
        "--cvs x            | '--cvs' is no option",
      })
  void wrongUsageIsOneLine(String options, String message) {
    Groklab runs = runs(options.split(" "));
    assertThat(runs.status()).isEqualTo(2);
    assertThat(runs.err().lines())
        .singleElement()
        .asString()
        .startsWith("groklab runs: " + message);
    assertThat(runs.out()).isEmpty();
  }

  @Test
  void filesThatCannotBeWrittenAreFailures() {
    Groklab nowhere = runs("--csv", "/nonexistent/x.csv");
    assertThat(nowhere.status()).isEqualTo(1);
    assertThat(nowhere.err()).startsWith("groklab runs: /nonexistent: is no folder");
    Groklab directory = runs("--parquet", mine.toString());
    assertThat(directory.status()).isEqualTo(1);
    assertThat(directory.err()).startsWith("groklab runs: " + mine + ": is a folder");
  }
}
