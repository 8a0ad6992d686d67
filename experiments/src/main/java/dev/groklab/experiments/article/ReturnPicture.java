package dev.groklab.experiments.article;

import dev.groklab.experiments.plot.Palette;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;

/** Returns of agents against the episode: the average of the last 100, and of one agent each. */
final class ReturnPicture {

  private static final double MARGIN = 12; // of the axis, so that 0 and 500 stay clear of the frame

  private ReturnPicture() {}

  static Picture of(List<Agent> agents, String title) {
    List<Lines.Line> lines = new ArrayList<>();
    int episodes = agents.stream().mapToInt(agent -> agent.returns().size()).max().orElse(0);
    if (agents.size() == 1) {
      lines.add(line("return of an episode", Style.GRID, 1, agents.getFirst().returns()));
    }
    Color[] colors = Palette.of(agents.size());
    for (int i = 0; i < agents.size(); i++) {
      String name =
          agents.size() == 1
              ? "average of the last " + Agent.WINDOW
              : "seed " + agents.get(i).seed();
      lines.add(line(name, colors[i], 2.2f, agents.get(i).averages()));
    }
    double solved = Agent.SOLVED;
    lines.add(
        new Lines.Line(
            "solved: " + Style.number(solved),
            Style.VALIDATION,
            1.2f,
            List.of(new double[] {1, solved}, new double[] {Math.max(2, episodes), solved})));
    return new Lines(
            title,
            Style.axis("episode", 0, Math.max(2, episodes)),
            List.of(new Lines.Panel(Style.axis("return", -MARGIN, 500 + MARGIN), lines)))
        .picture();
  }

  private static Lines.Line line(
      String name, Color color, float width, List<? extends Number> values) {
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      points.add(new double[] {i + 1, values.get(i).doubleValue()});
    }
    return new Lines.Line(name, color, width, points);
  }
}
