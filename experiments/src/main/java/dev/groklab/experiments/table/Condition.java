package dev.groklab.experiments.table;

import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import java.math.BigDecimal;
import java.util.List;

/**
 * A choice of runs by the value of a column.
 *
 * @param sql an expression of SQL
 */
public record Condition(String sql) {

  private static final String KEY = "where";
  private static final String NOTHING = "null";

  /**
   * Reads a condition.
   *
   * @param text {@code KEY=VALUE}, such as {@code train-fraction=0.5}; the value {@code null}
   *     stands for none
   * @return the condition
   * @throws ConfigException if there is no such key, or the value is none of its
   */
  public static Condition parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new ConfigException(
          KEY, "'" + text + "' is not allowed: KEY=VALUE is needed, such as model=mlp");
    }
    String name = text.substring(0, equals).strip();
    String value = text.substring(equals + 1).strip();
    List<String> names = Column.ALL.stream().map(Column::name).toList();
    Column column =
        Column.ALL.stream()
            .filter(known -> known.name().equals(Column.name(name)))
            .findFirst()
            .orElseThrow(
                () ->
                    new ConfigException(
                        KEY,
                        "'"
                            + name
                            + "' is no column; nearest: "
                            + String.join(", ", ConfigKey.nearest(Column.name(name), names))));
    String quoted = "\"" + column.name() + "\"";
    return new Condition(
        value.equals(NOTHING)
            ? quoted + " IS NULL"
            : quoted + " = " + literal(column, value, text));
  }

  private static String literal(Column column, String value, String text) {
    return switch (column.type()) {
      case VARCHAR -> "'" + value.replace("'", "''") + "'";
      case BOOLEAN -> {
        if (!value.equals("true") && !value.equals("false")) {
          throw new ConfigException(KEY, "'" + text + "' is not allowed: true or false is needed");
        }
        yield value;
      }
      case BIGINT, DOUBLE -> {
        try {
          yield new BigDecimal(value).toPlainString() + "::DOUBLE";
        } catch (NumberFormatException e) {
          throw new ConfigException(KEY, "'" + text + "' is not allowed: a number is needed");
        }
      }
    };
  }
}
