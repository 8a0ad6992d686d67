package dev.groklab.experiments;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version of these programs: that of their module. */
public final class Version implements IVersionProvider {

  /** For picocli. */
  public Version() {}

  @Override
  public String[] getVersion() {
    return new String[] {"groklab " + version()};
  }

  /**
   * The version.
   *
   * @return such as {@code 0.1.0}
   */
  public static String version() {
    return Optional.ofNullable(Version.class.getModule().getDescriptor())
        .flatMap(module -> module.rawVersion())
        .orElse("(not packaged)");
  }
}
