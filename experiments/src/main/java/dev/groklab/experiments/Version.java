package dev.groklab.experiments;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version of these programs: that of their module. */
final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {"groklab " + version()};
  }

  static String version() {
    return Optional.ofNullable(Version.class.getModule().getDescriptor())
        .flatMap(module -> module.rawVersion())
        .orElse("(not packaged)");
  }
}
