package dev.groklab.experiments.sweep;

import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/**
 * A run of a grid. Its folder follows from its configuration, so grids that need the same run share
 * it.
 *
 * @param config what it trains
 * @param name its folder's name, such as {@code add-p41-k2-a0.7-transformer-adamw-s0-1f0c9d2e}
 */
public record GridRun(RunConfig config, String name) {

  /** Settings that say where and how to compute, not what. */
  static final Set<ConfigKey> MEANS =
      EnumSet.of(
          ConfigKey.BACKEND,
          ConfigKey.THREADS,
          ConfigKey.CHECKPOINT_EVERY,
          ConfigKey.PROGRESS_MEASURES,
          ConfigKey.SNAPSHOT_EVERY);

  private static final int HASH_BYTES = 4;
  private static final Map<String, Object> DEFAULTS = RunConfig.of(Map.of()).toMap();

  /**
   * The run of a configuration.
   *
   * @param config what it trains
   * @return the run
   */
  public static GridRun of(RunConfig config) {
    return new GridRun(config, config.name() + "-" + hash(config));
  }

  /**
   * Its folder.
   *
   * @param out the folder of all runs
   * @return the folder; it need not exist
   */
  public RunFolder folder(Path out) {
    return new RunFolder(out.resolve(name));
  }

  /**
   * Of what differs from the defaults and matters: settings that come to exist later change no
   * names, nor do those that the run does not depend on.
   */
  private static String hash(RunConfig config) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, Object> setting : config.toMinimalMap().entrySet()) {
      ConfigKey key = ConfigKey.find(setting.getKey()).orElseThrow();
      if (!MEANS.contains(key)
          && key.matters(config)
          && !setting.getValue().equals(DEFAULTS.get(key.key()))) {
        text.append(key.key()).append('=').append(setting.getValue()).append('\n');
      }
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
