package dev.groklab.experiments;

import dev.groklab.experiments.claims.Comparison;
import dev.groklab.experiments.claims.Part;
import dev.groklab.experiments.report.Comparisons;
import dev.groklab.experiments.report.Report;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.experiments.table.RunFolders;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code groklab report}: a page about any runs. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "Make pictures and an HTML page from run folders.",
    description = {
      "Runs that differ in their seeds alone become one curve. Writes DIR/index.html, a page that"
          + " needs no other file; the figures as SVG and PNG; runs.csv and runs.parquet.%n"
    })
final class ReportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "RUN",
      arity = "1..*",
      description = "Run folders, or folders with run folders in them, at any depth.")
  private List<Path> folders;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "report",
      description = "Where page, figures and tables go (default: report).")
  private Path out;

  @Option(
      names = "--title",
      paramLabel = "TEXT",
      defaultValue = "Runs of Groklab",
      description = "The page's title (default: Runs of Groklab).")
  private String title;

  @Override
  public Integer call() throws IOException {
    List<FigureData> figures = Comparisons.figures(read());
    String command =
        "./groklab report "
            + folders.stream().map(Path::toString).collect(Collectors.joining(" "))
            + " --out "
            + out;
    Report report =
        new Report(
            title,
            List.of("The whole page again: " + command),
            figures.stream().map(figure -> new Report.Made(figure, command)).toList(),
            List.of(),
            List.of(),
            figures.stream()
                .flatMap(figure -> Comparison.of(figure.curves().toList()).stream())
                .toList(),
            List.of(new Part.Fact("program", "groklab " + Version.version())));
    spec.commandLine().getOut().println("page: " + report.write(out));
    return 0;
  }

  private List<RunRecord> read() throws IOException {
    Map<Path, RunRecord> runs = new LinkedHashMap<>();
    for (Path root : folders) {
      if (!Files.isDirectory(root)) {
        throw new IllegalArgumentException(root + ": is no folder");
      }
      List<RunFolder> found = RunFolders.in(root);
      if (found.isEmpty()) {
        throw new IllegalArgumentException(root + ": no run is in it, for there is no metrics.csv");
      }
      for (RunFolder folder : found) {
        runs.putIfAbsent(folder.path().toAbsolutePath().normalize(), RunRecord.read(folder));
      }
    }
    return List.copyOf(runs.values());
  }
}
