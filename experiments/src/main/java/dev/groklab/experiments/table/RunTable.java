package dev.groklab.experiments.table;

import dev.groklab.run.MetricsRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Runs as two views in a DuckDB of this process: {@code runs}, a row per run with its settings
 * ({@code train_fraction}, …), status, and what became of it ({@code step_val_99}, {@code
 * final_val_accuracy}, …); and {@code metrics}, a row per evaluation with {@code run} and the
 * columns of {@code metrics.csv}, among them every progress measure that one of the runs has. Used
 * by one thread at a time.
 */
public final class RunTable implements AutoCloseable {

  /** Kinds of files that a table can be written to. */
  public enum Format {
    /** Values with commas between them, names in the first line. */
    CSV("FORMAT csv, HEADER"),
    /** Apache Parquet. */
    PARQUET("FORMAT parquet");

    private final String options;

    Format(String options) {
      this.options = options;
    }
  }

  private final Connection connection;

  private RunTable(Connection connection) {
    this.connection = connection;
  }

  /**
   * Makes the views.
   *
   * @param runs the runs
   * @param conditions which of them the views show: those that meet all
   * @return the table, to be closed
   * @throws SQLException if DuckDB cannot be used
   */
  public static RunTable of(List<RunRecord> runs, List<Condition> conditions) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("autoinstall_known_extensions", "false"); // nothing from the network
    Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties);
    try {
      fill(connection, runs, conditions);
      return new RunTable(connection);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static void fill(Connection connection, List<RunRecord> runs, List<Condition> conditions)
      throws SQLException {
    String columns =
        Column.ALL.stream()
            .map(column -> "\"" + column.name() + "\" " + column.type())
            .collect(Collectors.joining(", "));
    List<String> measures = measures(runs);
    String metrics =
        Stream.concat(MetricsRow.COLUMNS.stream(), measures.stream())
            .map(
                name ->
                    "\""
                        + name
                        + (name.equals(MetricsRow.COLUMNS.getFirst()) ? "\" BIGINT" : "\" DOUBLE"))
            .collect(Collectors.joining(", "));
    String where =
        conditions.isEmpty()
            ? ""
            : conditions.stream()
                .map(Condition::sql)
                .collect(Collectors.joining(" AND ", " WHERE ", ""));
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE all_runs (" + columns + ")");
      statement.execute("CREATE TABLE all_metrics (run VARCHAR, " + metrics + ")");
      DuckDBConnection duckdb = connection.unwrap(DuckDBConnection.class);
      try (DuckDBAppender appender = duckdb.createAppender("all_runs")) {
        for (RunRecord run : runs) {
          append(appender, Column.ALL.stream().map(column -> column.of(run)).toList());
        }
      }
      try (DuckDBAppender appender = duckdb.createAppender("all_metrics")) {
        for (RunRecord run : runs) {
          String name = run.folder().path().toString();
          for (MetricsRow row : run.metrics()) {
            List<Object> values = new ArrayList<>(List.of(name));
            values.addAll(row.values());
            measures.forEach(measure -> values.add(row.measures().value(measure)));
            append(appender, values);
          }
        }
      }
      statement.execute("CREATE VIEW runs AS SELECT * FROM all_runs" + where);
      statement.execute(
          "CREATE VIEW metrics AS SELECT * FROM all_metrics WHERE run IN (SELECT run FROM runs)");
    }
  }

  /** The names that any of the runs has, those of the first runs first. */
  private static List<String> measures(List<RunRecord> runs) {
    return runs.stream()
        .flatMap(run -> run.metrics().stream().limit(1))
        .flatMap(row -> row.measures().names().stream())
        .distinct()
        .toList();
  }

  private static void append(DuckDBAppender appender, List<?> values) throws SQLException {
    appender.beginRow();
    for (Object value : values) {
      switch (value) {
        case null -> appender.appendNull();
        case Boolean truth -> appender.append(truth.booleanValue());
        case Integer number -> appender.append(number.longValue());
        case Long number -> appender.append(number.longValue());
        case Number number -> appender.append(number.doubleValue());
        default -> appender.append(value.toString());
      }
    }
    appender.endRow();
  }

  /**
   * The database, for questions beyond {@link #query}.
   *
   * @return the connection; closed with this table
   */
  public Connection connection() {
    return connection;
  }

  /**
   * Asks a question.
   *
   * @param sql a query
   * @return the answer
   * @throws SQLException if it is none, or cannot be answered
   */
  public Answer query(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      int width = result.getMetaData().getColumnCount();
      List<String> names = new ArrayList<>();
      for (int column = 1; column <= width; column++) {
        names.add(result.getMetaData().getColumnLabel(column));
      }
      List<List<Object>> rows = new ArrayList<>();
      while (result.next()) {
        Object[] row = new Object[width];
        for (int column = 1; column <= width; column++) {
          row[column - 1] = result.getObject(column);
        }
        rows.add(Arrays.asList(row)); // which, unlike List.of, may hold null
      }
      return new Answer(names, rows);
    }
  }

  /**
   * Writes the answer to a question, whole or not at all.
   *
   * @param sql a query
   * @param file the file
   * @param format its kind
   * @return how many rows it has
   * @throws SQLException if it is no query, or cannot be answered
   * @throws IOException if the file cannot be written
   */
  public long export(String sql, Path file, Format format) throws SQLException, IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(parent)) {
      throw new IOException(parent + ": is no folder, so nothing can be written there");
    }
    if (Files.isDirectory(file)) {
      throw new IOException(file + ": is a folder");
    }
    Path temporary = parent.resolve("." + file.getFileName() + ".tmp");
    String query = sql.strip().replaceFirst(";$", "");
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE OR REPLACE TEMP TABLE answer AS (" + query + ")");
      try {
        statement.execute(
            String.format(
                Locale.ROOT,
                "COPY answer TO '%s' (%s)",
                temporary.toString().replace("'", "''"),
                format.options));
      } catch (SQLException e) {
        throw new IOException(file + ": cannot be written: " + firstLine(e), e);
      }
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      try (ResultSet count = statement.executeQuery("SELECT count(*) FROM answer")) {
        count.next();
        return count.getLong(1);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * A failure in a line.
   *
   * @param failure what DuckDB says
   * @return its first line
   */
  public static String firstLine(SQLException failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("unknown");
  }

  /** Forgets everything. */
  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
