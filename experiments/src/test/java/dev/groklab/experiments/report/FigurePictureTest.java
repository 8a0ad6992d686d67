package dev.groklab.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.results.CurveData;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.experiments.results.MadeRun;
import dev.groklab.experiments.results.PanelData;
import dev.groklab.experiments.table.RunRecord;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FigurePictureTest {

  @TempDir Path folder;

  /** Seeds that fit at 300, 400 … and generalize later by a factor. */
  private CurveData curve(String label, int seeds, double factor) throws IOException {
    List<RunRecord> runs = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      long fits = 300 + 100L * seed;
      MadeRun run =
          MadeRun.generalizing(Map.of("seed", seed), fits, (long) (fits * factor) / 100 * 100);
      runs.add(run.read(Files.createTempDirectory(folder, "run")));
    }
    return new CurveData(label, runs);
  }

  private PanelData panel(String title, int curves) throws IOException {
    List<CurveData> all = new ArrayList<>();
    for (int i = 0; i < curves; i++) {
      all.add(curve("α = 0." + (i + 3), 3, 10 - i));
    }
    return new PanelData(title, all);
  }

  private FigureData figure(int panels, int curves) throws IOException {
    List<PanelData> all = new ArrayList<>();
    for (int i = 0; i < panels; i++) {
      all.add(panel(panels == 1 ? "" : "panel " + (i + 1), curves));
    }
    return new FigureData("figure-9", "A figure", all);
  }

  private void check(FigureData figure, int lines, String... words) throws IOException {
    Picture picture = FigurePicture.of(figure);
    Path svg = folder.resolve("figure.svg");
    Path png = folder.resolve("figure.png");
    picture.write(svg, png);
    BufferedImage image = ImageIO.read(png.toFile());
    assertThat(image.getWidth()).isEqualTo(2 * picture.width());
    assertThat(image.getHeight()).isEqualTo(2 * picture.height());
    String text = Files.readString(svg);
    for (String word : words) {
      assertThat(text.contains(">" + word + "</text>")).as(word).isTrue();
    }
    assertThat(text.contains("NaN") || text.contains("Infinity")).isFalse();
    // Each line is a long path of its own, and so is its band.
    assertThat(text.lines().filter(line -> line.contains("<path")).count())
        .isGreaterThanOrEqualTo(4L * lines);
  }

  @Test
  void oneCurveShowsBothSplits() throws IOException {
    check(figure(1, 1), 2, "A figure", "training", "validation", "accuracy", "loss", "step");
  }

  @Test
  void onePanelOfManyCurvesIsDrawnForEachSplit() throws IOException {
    check(figure(1, 7), 14, "training", "validation", "α = 0.3", "α = 0.9");
  }

  @Test
  void manyPanelsHaveTheirTitles() throws IOException {
    check(figure(3, 1), 6, "panel 1, α = 0.3", "panel 3, α = 0.3");
    check(figure(5, 3), 30, "panel 1", "panel 5", "α = 0.3", "α = 0.5");
  }

  @Test
  void theSameRunsGiveTheSameBytes() throws IOException {
    FigureData figure = figure(2, 2);
    assertThat(FigurePicture.of(figure).svg()).isEqualTo(FigurePicture.of(figure).svg());
  }
}
