package dev.groklab.experiments.article;

import dev.groklab.data.text.EncodedCorpus;
import dev.groklab.experiments.plot.Style;
import dev.groklab.run.AtomicFile;
import dev.groklab.run.CsvLog;
import dev.groklab.run.EpochListener;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.RunFolder;
import dev.groklab.run.RunListener;
import dev.groklab.run.Summary;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Lets a model translate at every evaluation, and writes down how well: {@code translation.csv} has
 * the perplexities and BLEU scores, {@code samples.txt} some translations.
 */
final class TranslationLog implements EpochListener, Closeable {

  /** Sentences of each split that are shown. */
  private static final int SAMPLES = 4;

  private static final String HEADER =
      "step,epoch,train_loss,train_perplexity,train_bleu,validation_loss,validation_perplexity,"
          + "validation_bleu";

  /** What was found at an evaluation. */
  record Point(MetricsRow row, double trainBleu, double validationBleu) {}

  private final EpochListener told;
  private final Progress progress;
  private final EncodedCorpus corpus;
  private final GreedyDecoder decoder;
  private final int sentences;
  private final Path samplesFile;
  private final CsvLog log;
  private final StringBuilder samples = new StringBuilder();
  private final List<Point> points = new ArrayList<>();

  /**
   * A log in a run's folder, which exists.
   *
   * @param told is told what the log is told
   * @param sentences how many of each split are translated
   */
  TranslationLog(
      EpochListener told,
      Progress progress,
      EncodedCorpus corpus,
      GreedyDecoder decoder,
      int sentences,
      RunFolder folder)
      throws IOException {
    this.told = told;
    this.progress = progress;
    this.corpus = corpus;
    this.decoder = decoder;
    this.sentences = sentences;
    this.samplesFile = folder.path().resolve("samples.txt");
    this.log = CsvLog.create(folder.path().resolve("translation.csv"), HEADER);
  }

  @Override
  public void evaluated(int replica, MetricsRow row) {
    told.evaluated(replica, row);
    Translations train = translations(corpus.split().train());
    Translations validation = translations(corpus.split().validation());
    Point point = new Point(row, train.bleu().score(), validation.bleu().score());
    points.add(point);
    progress.say(
        String.format(
            Locale.ROOT,
            "epoch %s: train loss %.3f, perplexity %.1f, BLEU %.1f; validation loss %.3f,"
                + " perplexity %.1f, BLEU %.1f",
            Style.number(row.epoch()),
            row.trainLoss(),
            Math.exp(row.trainLoss()),
            point.trainBleu(),
            row.validationLoss(),
            Math.exp(row.validationLoss()),
            point.validationBleu()));
    progress.say(validation.samples(corpus, 1).stripTrailing());
    samples
        .append(String.format(Locale.ROOT, "Epoch %s, training:\n\n", Style.number(row.epoch())))
        .append(train.samples(corpus, SAMPLES))
        .append("Validation:\n\n")
        .append(validation.samples(corpus, SAMPLES));
    try {
      write(point);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Translations translations(int[] rows) {
    return Translations.of(corpus, decoder, Arrays.copyOf(rows, Math.min(sentences, rows.length)));
  }

  private void write(Point point) throws IOException {
    MetricsRow row = point.row();
    log.add(
        String.format(
            Locale.ROOT,
            "%d,%s,%s,%s,%s,%s,%s,%s",
            row.step(),
            row.epoch(),
            row.trainLoss(),
            Math.exp(row.trainLoss()),
            point.trainBleu(),
            row.validationLoss(),
            Math.exp(row.validationLoss()),
            point.validationBleu()));
    log.flush();
    AtomicFile.writeText(samplesFile, samples.toString());
  }

  @Override
  public void progressed(RunListener.Progress made) {
    told.progressed(made);
  }

  @Override
  public void finished(int replica, Summary summary) {
    told.finished(replica, summary);
  }

  /** What was found so far. */
  List<Point> points() {
    return List.copyOf(points);
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
