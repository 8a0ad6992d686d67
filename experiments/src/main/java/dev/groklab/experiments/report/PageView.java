package dev.groklab.experiments.report;

import java.util.List;

/**
 * All that stands on a page, as texts; {@code page.ftlh} says where.
 *
 * @param title the page's title
 * @param lead paragraphs below it
 * @param findings statements and what came of them; none for a page without claims
 * @param rules how verdicts come about
 * @param figures the figures
 * @param missing sentences about figures that are not there
 * @param comparisons times of curves beside each other
 * @param commands how to make it all again
 * @param runsLead paragraphs above the tables of runs
 * @param tables tables of runs
 * @param facts machine and versions
 */
public record PageView(
    String title,
    List<String> lead,
    List<FindingView> findings,
    List<String> rules,
    List<FigureView> figures,
    List<String> missing,
    List<ComparisonView> comparisons,
    List<CommandView> commands,
    List<String> runsLead,
    List<TableView> tables,
    List<FactView> facts) {

  /**
   * A statement and what came of it.
   *
   * @param id an anchor
   * @param section where the report says it
   * @param quote the report's words
   * @param measured what was measured
   * @param seeds how many seeds speak
   * @param outcome the verdict's style
   * @param outcomeText the verdict in words
   * @param absence why nothing was measured
   * @param parts the comparisons
   */
  public record FindingView(
      String id,
      String section,
      String quote,
      String measured,
      String seeds,
      String outcome,
      String outcomeText,
      String absence,
      List<PartView> parts) {}

  /**
   * A comparison.
   *
   * @param claim the claim in words
   * @param outcome its verdict
   * @param reason why
   * @param rule the rule
   * @param effect what the effect is
   * @param estimate its estimate
   * @param interval its interval
   * @param p its p-values
   * @param facts more numbers
   * @param samples the groups
   * @param svg their Kaplan–Meier curves
   */
  public record PartView(
      String claim,
      String outcome,
      String reason,
      String rule,
      String effect,
      String estimate,
      String interval,
      String p,
      List<FactView> facts,
      List<SampleView> samples,
      String svg) {}

  /**
   * Times of a group.
   *
   * @param label what its runs have in common
   * @param seeds how many seeds
   * @param there how many of the runs got there
   * @param median the median of the steps
   * @param interval the median's interval
   * @param all the steps of each run
   */
  public record SampleView(
      String label, String seeds, String there, String median, String interval, String all) {}

  /**
   * A figure.
   *
   * @param id an anchor
   * @param svg the picture
   * @param caption what it shows
   */
  public record FigureView(String id, String svg, String caption) {}

  /**
   * Times of curves beside each other.
   *
   * @param title of what
   * @param samples the groups
   * @param facts more numbers
   * @param svg their Kaplan–Meier curves
   */
  public record ComparisonView(
      String title, List<SampleView> samples, List<FactView> facts, String svg) {}

  /**
   * How to make a part of the page again.
   *
   * @param title the part
   * @param command the command
   * @param curves its curves, each with a command of its own
   */
  public record CommandView(String title, String command, List<CurveView> curves) {}

  /**
   * A curve and how to make it.
   *
   * @param label which curve
   * @param command its command
   * @param runs how many runs it has
   * @param time the time that they took
   */
  public record CurveView(String label, String command, String runs, String time) {}

  /**
   * A number with its name.
   *
   * @param name what it is
   * @param value the number, in words
   */
  public record FactView(String name, String value) {}

  /**
   * A table.
   *
   * @param title its title
   * @param query the question that it answers, in SQL; may be empty
   * @param columns names
   * @param rows texts
   */
  public record TableView(
      String title, String query, List<String> columns, List<List<String>> rows) {}
}
