package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.run.MetricsRow;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CurvesTest {

  @TempDir Path folder;

  private static MetricsRow row(long step, double loss, double accuracy) {
    return new MetricsRow(step, step, loss, accuracy, 2 * loss, accuracy / 2, 1e-3, 1, 1);
  }

  static Stream<List<MetricsRow>> curves() {
    return Stream.of(
        List.of(),
        List.of(row(100, 1, 0.5)),
        List.of(row(1, 1, 0), row(2, 1, 0)),
        List.of(row(1, 0, 1), row(2, 0, 1)),
        List.of(row(10, 1, 0.5), row(20, Double.NaN, 0)),
        List.of(row(10, Double.NaN, 0)),
        List.of(row(10, Double.POSITIVE_INFINITY, 0), row(20, 1e-300, 1)),
        LongStream.rangeClosed(1, 500).mapToObj(i -> row(i * 1000, 1e3 / i, i / 500.0)).toList());
  }

  @ParameterizedTest
  @MethodSource("curves")
  void everyRunCanBeDrawn(List<MetricsRow> rows) throws IOException {
    RunFolder run = new RunFolder(folder);
    Curves.draw(RunConfig.of(Map.of()), rows, run);
    BufferedImage image = ImageIO.read(run.curvesPng().toFile());
    assertThat(image.getWidth()).isEqualTo(1800);
    assertThat(image.getHeight()).isEqualTo(1280);
    assertThat(image.getRGB(2, 2)).isEqualTo(0xFFFFFFFF);
    String svg = Files.readString(run.curvesSvg());
    assertThat(svg.contains("<svg ")).isTrue();
    for (String word : List.of("accuracy", "loss", "step", "train", "validation")) {
      assertThat(svg.contains(">" + word + "</text>")).as(word).isTrue();
    }
    assertThat(svg.contains("NaN") || svg.contains("Infinity")).isFalse();
  }

  @Test
  void theSameRunGivesTheSameBytes() throws IOException {
    List<MetricsRow> rows = curves().toList().getLast();
    RunFolder one = new RunFolder(Files.createDirectory(folder.resolve("1")));
    RunFolder two = new RunFolder(Files.createDirectory(folder.resolve("2")));
    Curves.draw(RunConfig.of(Map.of()), rows, one);
    Curves.draw(RunConfig.of(Map.of()), rows, two);
    assertThat(one.curvesSvg()).hasSameBinaryContentAs(two.curvesSvg());
    assertThat(one.curvesPng()).hasSameBinaryContentAs(two.curvesPng());
  }

  @Test
  void theStepsAreNamedAtWhichASplitIsLearnt() throws IOException {
    Curves.draw(
        RunConfig.of(Map.of()),
        List.of(row(1000, 1, 0.5), row(2000, 0.1, 0.995), row(3000, 0.1, 1.98)),
        new RunFolder(folder));
    assertThat(folder.resolve("curves.svg"))
        .content()
        .contains("train ≥ 99 % from step 2,000, validation ≥ 99 % from step 3,000, delay 1,000");
  }
}
