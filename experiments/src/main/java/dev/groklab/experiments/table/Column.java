package dev.groklab.experiments.table;

import dev.groklab.progress.Stages;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.RunConfig;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * A column of the table of runs.
 *
 * @param name its name in SQL
 * @param type its type in SQL
 * @param value what a run has there, or null
 */
record Column(String name, Type type, Function<RunRecord, Object> value) {

  /** Types, by their names in SQL. */
  enum Type {
    VARCHAR,
    BIGINT,
    DOUBLE,
    BOOLEAN
  }

  /** What a run has in this column, a text where the column holds texts. */
  Object of(RunRecord run) {
    Object found = value.apply(run);
    return found == null || type != Type.VARCHAR ? found : found.toString();
  }

  /** Settings that are a number or a word. */
  private static final Set<ConfigKey> MIXED =
      EnumSet.of(ConfigKey.BATCH_SIZE, ConfigKey.EVAL_ROWS, ConfigKey.THREADS, ConfigKey.REPLAY);

  private static final RunConfig EXAMPLE = RunConfig.of(Map.of());

  /** All columns, in their order. */
  static final List<Column> ALL = all();

  private static List<Column> all() {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("run", Type.VARCHAR, run -> run.folder().path().toString()));
    columns.add(new Column("status", Type.VARCHAR, RunRecord::status));
    for (ConfigKey key : ConfigKey.values()) {
      columns.add(new Column(name(key.key()), type(key), run -> run.config().value(key)));
    }
    columns.add(new Column("steps_made", Type.BIGINT, run -> run.summary().steps()));
    columns.add(step("step_train_99", run -> run.summary().trainStep99()));
    columns.add(step("step_val_99", run -> run.summary().validationStep99()));
    columns.add(step("grokking_delay", run -> run.summary().grokkingDelay()));
    columns.add(stage("memorization_end", Stages::memorizationEnd));
    columns.add(stage("circuit_formation_end", Stages::circuitFormationEnd));
    columns.add(stage("cleanup_end", Stages::cleanupEnd));
    columns.add(
        new Column(
            "stages_by",
            Type.VARCHAR,
            run ->
                run.summary()
                    .stages()
                    .map(stages -> stages.rule().name().toLowerCase(Locale.ROOT))
                    .orElse(null)));
    columns.add(
        new Column(
            "collapses",
            Type.BIGINT,
            run -> {
              OptionalInt collapses = run.summary().collapses();
              return collapses.isPresent() ? (Object) collapses.getAsInt() : null;
            }));
    for (int i = 1; i < MetricsRow.COLUMNS.size() - 1; i++) {
      int index = i; // not the step, nor the seconds
      columns.add(
          new Column(
              "final_" + MetricsRow.COLUMNS.get(i),
              Type.DOUBLE,
              run ->
                  run.summary().last().map(row -> finite(row.values().get(index))).orElse(null)));
    }
    columns.add(
        new Column("steps_per_second", Type.DOUBLE, run -> finite(run.summary().stepsPerSecond())));
    columns.add(
        new Column("wall_seconds", Type.DOUBLE, run -> finite(run.summary().wallSeconds())));
    columns.add(environment("made_on", "backend"));
    columns.add(environment("instruction_set", "instruction-set"));
    return List.copyOf(columns);
  }

  /** {@code train-fraction} is {@code train_fraction} in SQL. */
  static String name(String key) {
    return key.replace('-', '_');
  }

  private static Type type(ConfigKey key) {
    if (MIXED.contains(key)) {
      return Type.VARCHAR;
    }
    return switch (EXAMPLE.value(key)) {
      case Integer _, Long _ -> Type.BIGINT;
      case BigDecimal _ -> Type.DOUBLE;
      case Boolean _ -> Type.BOOLEAN;
      default -> Type.VARCHAR;
    };
  }

  private static Column step(String name, Function<RunRecord, OptionalLong> step) {
    return new Column(
        name,
        Type.BIGINT,
        run -> {
          OptionalLong value = step.apply(run);
          return value.isPresent() ? (Object) value.getAsLong() : null;
        });
  }

  private static Column stage(String name, Function<Stages, OptionalLong> end) {
    return step(name, run -> run.summary().stages().map(end).orElse(OptionalLong.empty()));
  }

  private static Column environment(String name, String key) {
    return new Column(name, Type.VARCHAR, run -> run.environment().get(key));
  }

  /** As in summary.json: what is not finite is null. */
  private static Double finite(Number value) {
    double number = value.doubleValue();
    return Double.isFinite(number) ? (Double) number : null;
  }
}
