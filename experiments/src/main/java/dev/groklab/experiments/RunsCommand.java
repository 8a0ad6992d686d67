package dev.groklab.experiments;

import dev.groklab.experiments.table.Answer;
import dev.groklab.experiments.table.Condition;
import dev.groklab.experiments.table.RunFolders;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.experiments.table.RunTable;
import dev.groklab.run.ConfigException;
import dev.groklab.run.IoFailure;
import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code groklab runs}: run folders as a table. */
@Command(
    name = "runs",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "List runs, ask questions about them in SQL, and export them.",
    description = {
      "SQL sees two views. runs: a row per run with the columns run (its folder), status, every"
          + " setting (train_fraction, …), steps_made, step_train_99, step_val_99, grokking_delay,"
          + " the stages' ends (memorization_end, circuit_formation_end, cleanup_end), stages_by,"
          + " collapses, final_train_accuracy, final_val_accuracy and the like, wall_seconds."
          + " metrics: a row per evaluation, with run and the columns of metrics.csv.%n"
    })
final class RunsCommand implements Callable<Integer> {

  private static final String LIST =
      """
      SELECT run, status, model, p, train_fraction AS "α", optimizer, seed, steps_made AS steps,
             step_train_99, step_val_99, grokking_delay AS delay,
             final_train_accuracy AS train_acc, final_val_accuracy AS val_acc
      FROM runs
      """;
  private static final String EVERYTHING = "SELECT * FROM runs";

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      arity = "0..*",
      description = "Folders to look through, at any depth (default: runs).")
  private List<Path> folders = List.of(Path.of("runs"));

  @Option(
      names = "--where",
      paramLabel = "KEY=VALUE",
      description =
          "Only runs with this value of a setting or another column; 'null' stands for none. May be"
              + " repeated: all must hold.")
  private List<String> where = List.of();

  @Option(
      names = "--sql",
      paramLabel = "QUERY",
      description = "A question in SQL (DuckDB), instead of the list.")
  private String sql;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Write the answer to FILE; without --sql, all columns of runs.")
  private Path csv;

  @Option(names = "--parquet", paramLabel = "FILE", description = "The same as Apache Parquet.")
  private Path parquet;

  @Override
  public Integer call() throws IOException, SQLException {
    List<Condition> conditions = where.stream().map(Condition::parse).toList();
    List<RunRecord> runs = read(find());
    try (RunTable table = RunTable.of(runs, conditions)) {
      Map<RunTable.Format, Path> files = new LinkedHashMap<>();
      put(files, RunTable.Format.CSV, csv);
      put(files, RunTable.Format.PARQUET, parquet);
      PrintWriter out = spec.commandLine().getOut();
      try {
        if (files.isEmpty()) {
          Answer answer = table.query(sql == null ? LIST : sql);
          TextTable.lines(answer).forEach(out::println);
        }
        for (Map.Entry<RunTable.Format, Path> file : files.entrySet()) {
          long rows = table.export(sql == null ? EVERYTHING : sql, file.getValue(), file.getKey());
          out.println(rows + (rows == 1 ? " row" : " rows") + " in " + file.getValue());
        }
      } catch (SQLException e) {
        if (sql == null) {
          throw e;
        }
        throw new ConfigException("sql", RunTable.firstLine(e));
      }
    }
    return 0;
  }

  private static void put(Map<RunTable.Format, Path> files, RunTable.Format format, Path file) {
    if (file != null) {
      files.put(format, file);
    }
  }

  private List<RunFolder> find() throws IOException {
    List<RunFolder> found = new ArrayList<>();
    for (Path folder : folders) {
      if (!Files.isDirectory(folder)) {
        throw new IllegalArgumentException(folder + ": is no folder");
      }
      found.addAll(RunFolders.in(folder));
    }
    return found.stream().distinct().toList();
  }

  /** A damaged run is told, and hides no other. */
  private List<RunRecord> read(List<RunFolder> found) {
    PrintWriter err = spec.commandLine().getErr();
    List<RunRecord> runs = new ArrayList<>();
    for (RunFolder folder : found) {
      try {
        runs.add(RunRecord.read(folder));
      } catch (IOException e) {
        err.println(spec.qualifiedName() + ": left out: " + IoFailure.describe(e));
      }
    }
    return runs;
  }
}
