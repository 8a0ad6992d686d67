package dev.groklab.run;

/** A setting that cannot be used: names the key, the value and what is allowed. */
public final class ConfigException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String key;
  private final String problem;

  /**
   * A setting that cannot be used.
   *
   * @param key the name of the setting, such as {@code train-fraction}
   * @param problem what is wrong, with the value, and what would be right
   */
  public ConfigException(String key, String problem) {
    super(key + ": " + problem);
    this.key = key;
    this.problem = problem;
  }

  /**
   * The setting at fault.
   *
   * @return its key, without dashes in front
   */
  public String key() {
    return key;
  }

  /**
   * What is wrong.
   *
   * @return the message without the key
   */
  public String problem() {
    return problem;
  }
}
