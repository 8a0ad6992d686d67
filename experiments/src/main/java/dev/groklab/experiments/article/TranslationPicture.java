package dev.groklab.experiments.article;

import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import java.awt.Color;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.jfree.chart.axis.ValueAxis;

/** Losses above, BLEU scores of greedy translations below, against the epoch. */
final class TranslationPicture {

  private static final double LEAST_BLEU_SHOWN = 10; // the top of an axis of scores near 0

  private TranslationPicture() {}

  static Picture of(List<TranslationLog.Point> points, String title) {
    double[] losses =
        points.stream()
            .flatMapToDouble(p -> DoubleStream.of(p.row().trainLoss(), p.row().validationLoss()))
            .toArray();
    double best =
        points.stream()
            .flatMapToDouble(p -> DoubleStream.of(p.trainBleu(), p.validationBleu()))
            .reduce(LEAST_BLEU_SHOWN, Math::max);
    return new Lines(
            title,
            epochs(points),
            List.of(
                new Lines.Panel(
                    Style.lossAxis(losses),
                    List.of(
                        line("train", Style.TRAIN, points, p -> p.row().trainLoss()),
                        line(
                            "validation",
                            Style.VALIDATION,
                            points,
                            p -> p.row().validationLoss()))),
                new Lines.Panel(
                    Style.axis("BLEU", -0.02 * best, 1.02 * best),
                    List.of(
                        line("train", Style.TRAIN, points, TranslationLog.Point::trainBleu),
                        line(
                            "validation",
                            Style.VALIDATION,
                            points,
                            TranslationLog.Point::validationBleu)))))
        .picture();
  }

  private static ValueAxis epochs(List<TranslationLog.Point> points) {
    double last = points.isEmpty() ? 0 : points.getLast().row().epoch();
    return Style.axis("epoch", 0, Math.max(1, last));
  }

  private static Lines.Line line(
      String name,
      Color color,
      List<TranslationLog.Point> points,
      ToDoubleFunction<TranslationLog.Point> value) {
    return new Lines.Line(
        name,
        color,
        2.2f,
        points.stream().map(p -> new double[] {p.row().epoch(), value.applyAsDouble(p)}).toList());
  }
}
