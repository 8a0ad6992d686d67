package dev.groklab.experiments.report;

import dev.groklab.analysis.Verdict;
import dev.groklab.experiments.claims.Finding;
import dev.groklab.experiments.claims.Part;
import dev.groklab.experiments.plot.InlineSvg;
import dev.groklab.experiments.plot.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Findings as texts and pictures. */
final class FindingViews {

  /** What a reader has to know to judge the judge. */
  static final List<String> RULES =
      List.of(
          "A run fits, or generalizes, at the first of five evaluations in a row with at least 99 %"
              + " accuracy. A run that never gets there is censored at its last step, one that"
              + " diverged at the last step that it was to make; a plus marks both. Runs that were"
              + " stopped are left out.",
          "Each comparison has a rule that was fixed before anything was measured. It is supported"
              + " if the effect's interval lies wholly inside the rule's region and the p-value is"
              + " small enough, contradicted if it lies wholly outside, and undecided otherwise,"
              + " also if there are fewer seeds than the rule asks for.",
          "p-values are exact or by permutation, two-sided for a direction, and corrected by Holm"
              + " for all comparisons of the same statement; not across statements.",
          "A statement of several comparisons is supported if all of them are, and contradicted if"
              + " one of them is.");

  private FindingViews() {}

  static List<PageView.FindingView> of(List<Finding> findings, boolean drawable) {
    List<PageView.FindingView> views = new ArrayList<>();
    for (int i = 0; i < findings.size(); i++) {
      views.add(of(findings.get(i), "claim-" + (i + 1), drawable));
    }
    return views;
  }

  private static PageView.FindingView of(Finding finding, String id, boolean drawable) {
    List<PageView.PartView> parts = new ArrayList<>();
    for (int i = 0; i < finding.parts().size(); i++) {
      Part part = finding.parts().get(i);
      parts.add(part(part, finding.verdicts().get(i), id + "-" + (i + 1), drawable));
    }
    return new PageView.FindingView(
        id,
        finding.statement().section(),
        finding.statement().quote(),
        finding.statement().measured(),
        finding.isMeasured() ? Integer.toString(finding.seeds()) : "–",
        word(finding.outcome()),
        finding.isMeasured() ? word(finding.outcome()) : "not measured",
        absence(finding),
        parts);
  }

  private static String absence(Finding finding) {
    String figures =
        finding.statement().figures().stream()
            .map(String::valueOf)
            .collect(Collectors.joining(", "));
    return "Not measured: among the complete runs of figures "
        + figures
        + " there are none that could tell.";
  }

  private static PageView.PartView part(Part part, Verdict verdict, String id, boolean drawable) {
    return new PageView.PartView(
        part.rule().claim(),
        word(verdict.outcome()),
        verdict.reason(),
        part.rule().text(),
        part.effectName(),
        Words.interval(verdict.estimate()),
        Words.interval(verdict.interval()),
        "for the claim " + Words.p(verdict.pFor()) + ", against it " + Words.p(verdict.pAgainst()),
        Words.facts(part.facts()),
        part.samples().stream().map(Words::sample).toList(),
        drawable ? svg(part, id) : "");
  }

  private static String svg(Part part, String id) {
    Picture picture = SurvivalPicture.of(part.samples(), part.time());
    return InlineSvg.of(
        picture, id, "Kaplan–Meier curves of the " + part.time() + ": " + part.rule().claim());
  }

  private static String word(Verdict.Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }
}
