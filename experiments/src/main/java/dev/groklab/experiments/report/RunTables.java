package dev.groklab.experiments.report;

import dev.groklab.experiments.table.Answer;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.experiments.table.RunTable;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** The runs as files for others to read, and as the page's tables, which are answers of DuckDB. */
final class RunTables {

  /** Steps in these tables are those of summary.json, from which on 99 % held to the end. */
  private static final String BY_CURVE =
      """
      SELECT model, p, summands AS K, train_fraction AS "α", optimizer, lr, weight_decay,
             batch_size AS batch, dropout, count(*) AS runs, median(step_train_99) AS fits,
             count(step_val_99) AS generalized, median(step_val_99) AS generalizes,
             max(final_val_accuracy) AS best_accuracy, round(sum(wall_seconds), 1) AS seconds
      FROM 'runs.parquet'
      GROUP BY ALL ORDER BY ALL\
      """;

  private static final String ALL =
      """
      SELECT parse_filename(run) AS run, seed, status, steps_made AS steps, step_train_99,
             step_val_99, grokking_delay AS delay, final_train_accuracy AS train_accuracy,
             final_val_accuracy AS val_accuracy, steps_per_second::INT AS "steps/s",
             round(wall_seconds, 1) AS seconds
      FROM 'runs.parquet'\
      """;

  private static final String SEEDS_APART = ALL.replace("parse_filename(run) AS run", "run");

  private RunTables() {}

  /** Writes {@code runs.csv}, {@code runs.parquet} and {@code metrics.parquet}. */
  static List<PageView.TableView> write(List<RunRecord> runs, Path folder) throws IOException {
    Files.createDirectories(folder);
    try (RunTable table = RunTable.of(runs, List.of())) {
      table.export("SELECT * FROM runs", folder.resolve("runs.csv"), RunTable.Format.CSV);
      table.export("SELECT * FROM runs", folder.resolve("runs.parquet"), RunTable.Format.PARQUET);
      table.export(
          "SELECT * FROM metrics", folder.resolve("metrics.parquet"), RunTable.Format.PARQUET);
      String all = namesDiffer(runs) ? ALL : SEEDS_APART;
      return List.of(view(table, "By configuration", BY_CURVE), view(table, "Run by run", all));
    } catch (SQLException e) {
      throw new IOException(folder + ": the tables cannot be made: " + RunTable.firstLine(e), e);
    }
  }

  private static boolean namesDiffer(List<RunRecord> runs) {
    return runs.stream().map(run -> run.folder().path().getFileName()).distinct().count()
        == runs.size();
  }

  /** Shows the question as anybody can ask it, of the file; asks it of the view. */
  private static PageView.TableView view(RunTable table, String title, String query)
      throws SQLException {
    Answer answer = table.query(query.replace("'runs.parquet'", "runs"));
    return new PageView.TableView(
        title,
        query,
        answer.columns(),
        answer.rows().stream().map(row -> row.stream().map(RunTables::text).toList()).toList());
  }

  private static String text(Object value) {
    return switch (value) {
      case null -> "–";
      case Double number when Double.isFinite(number) -> {
        BigDecimal rounded = new BigDecimal(number).round(new MathContext(4));
        yield rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
      }
      default -> value.toString();
    };
  }
}
