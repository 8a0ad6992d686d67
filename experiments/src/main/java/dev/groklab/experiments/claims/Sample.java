package dev.groklab.experiments.claims;

import dev.groklab.analysis.Observation;
import dev.groklab.experiments.table.RunRecord;
import java.util.List;
import java.util.function.Function;

/**
 * A group as the page shows it: steps to something, some of them censored.
 *
 * @param label what its runs have in common
 * @param seeds how many seeds they have
 * @param observations a run each
 */
public record Sample(String label, int seeds, List<Observation> observations) {

  /** Copies the list. */
  public Sample {
    observations = List.copyOf(observations);
  }

  static List<Sample> of(List<Group> groups, Function<RunRecord, Observation> measure) {
    return groups.stream()
        .map(group -> new Sample(group.label(), group.seeds(), group.observe(measure)))
        .toList();
  }
}
