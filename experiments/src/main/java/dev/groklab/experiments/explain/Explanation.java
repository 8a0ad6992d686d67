package dev.groklab.experiments.explain;

import dev.groklab.data.ModularAddition;
import dev.groklab.experiments.plot.InlineSvg;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.experiments.plot.Style;
import dev.groklab.experiments.report.Page;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.progress.AdditionCircuit;
import dev.groklab.progress.EmbeddingParts;
import dev.groklab.progress.NeuronFrequencies;
import dev.groklab.progress.Spectrum;
import dev.groklab.progress.Stages;
import dev.groklab.run.AtomicFile;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.Network;
import dev.groklab.run.RunConfig;
import dev.groklab.run.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Opens the network of a finished run and writes a page about it. */
public final class Explanation {

  private static final String EMBEDDING = "token_embedding.weight";
  private static final String UNEMBEDDING = "readout.weight";
  private static final int MOST_ROWS = 65_536;
  private static final int MOST_PLANES = 4;
  private static final int COLUMNS = 600; // of the picture of a spectrum over training

  private final RunRecord run;
  private final RunConfig config;
  private final Network network;
  private final AdditionTable table;
  private final int p;
  private final int width; // of the embedding
  private final Path out;
  private final boolean drawable = Picture.obstacle().isEmpty();
  private final Summary summary; // by today's rules, whenever the run was made
  private int[] keys = {};

  private Explanation(RunRecord run, Network network, Path out) {
    this.run = run;
    this.config = run.config();
    this.network = network;
    this.p = config.p();
    this.table = new AdditionTable(p, network.split());
    this.width = config.dim();
    this.out = out;
    this.summary =
        Summary.of(
            run.summary().status(),
            run.summary().steps(),
            run.metrics(),
            run.summary().wallSeconds());
  }

  /**
   * Writes the page, {@code index.html}, and its pictures as files beside it.
   *
   * @param run a run that learns to add two numbers, with its final parameters
   * @param curves the picture of its course
   * @param out the folder; made if need be
   * @return the page
   * @throws IllegalArgumentException if the run learns something else or has not ended
   * @throws IOException if a file cannot be read or written
   */
  public static Path write(RunRecord run, Picture curves, Path out) throws IOException {
    RunConfig config = run.config();
    Path folder = run.folder().path();
    if (!config.task().equals(ModularAddition.NAME) || config.summands() != 2) {
      throw new IllegalArgumentException(
          folder
              + ": only additions of two numbers are explained; this run learns "
              + config.newTask().formula());
    }
    if (config.newTask().rows() > MOST_ROWS) {
      throw new IllegalArgumentException(
          folder + ": p = " + config.p() + " is too large; at most 256 is explained");
    }
    if (!Files.exists(run.folder().finalWeights())) {
      throw new IllegalArgumentException(
          folder + ": the run has not ended, for it has no final.safetensors");
    }
    try (Network network = Network.open(config)) {
      return new Explanation(run, network, out).write(curves);
    }
  }

  private Path write(Picture curves) throws IOException {
    double[] firstEmbedding = network.parameters().get(EMBEDDING);
    Map<String, double[][]> logits = new LinkedHashMap<>();
    logits.put("step 0", network.logits(table.rows()));
    OptionalLong middle = middle();
    if (middle.isPresent()) {
      network.load(run.folder().snapshot(middle.getAsLong()));
      logits.put("step " + number((double) middle.getAsLong()), network.logits(table.rows()));
    }
    network.load(run.folder().finalWeights());
    double[][] last = network.logits(table.rows());
    logits.put("step " + number((double) summary.steps()), last);
    Map<String, double[]> parameters = network.parameters();
    double[] unembedding = parameters.get(UNEMBEDDING);
    keys = Spectrum.of(unembedding, p, unembedding.length / (p + 2)).keyFrequencies();

    List<ExplainView.Section> sections = new ArrayList<>();
    sections.add(course(curves));
    sections.add(spectra(parameters));
    sections.add(circles(firstEmbedding, parameters.get(EMBEDDING)));
    if (config.model().equals("transformer")) {
      Inside inside =
          Inside.of(network.reader(), p, config.layers(), config.heads(), config.hidden());
      sections.add(neurons(inside));
      sections.add(attention(inside));
    }
    sections.add(answers(logits));
    sections.add(ablation(parameters, last));
    Path page = out.resolve("index.html");
    Files.createDirectories(out);
    AtomicFile.writeText(
        page,
        Page.html(Explanation.class, "explain.ftlh", new ExplainView(title(), lead(), sections)));
    return page;
  }

  private String title() {
    return String.format(
        "%s, opened: %s, %s, seed %d",
        config.newTask().formula(), config.model(), config.optimizer(), config.seed());
  }

  private List<String> lead() {
    List<String> lead = new ArrayList<>();
    lead.add(
        "What has this network learnt? It never saw "
            + number(table.split().validation().length)
            + " of the "
            + number((double) p * p)
            + " sums, and answers "
            + AdditionTable.percent(
                summary.last().map(MetricsRow::validationAccuracy).orElse(Double.NaN))
            + " of them. A network that adds modulo p can do so by turning each number x into an"
            + " angle 2πkx/p on a circle, for a few frequencies k, and adding angles. The pictures"
            + " below look for that algorithm (Nanda et al. 2023, arXiv 2301.05217).");
    lead.add("The page again: ./groklab explain " + run.folder().path());
    Picture.obstacle().ifPresent(why -> lead.add("No pictures were drawn: " + why + "."));
    return lead;
  }

  /** A snapshot from when the circuit formed. */
  private OptionalLong middle() throws IOException {
    if (summary.stages().isEmpty()) {
      return OptionalLong.empty();
    }
    Stages stages = summary.stages().get();
    if (stages.memorizationEnd().isEmpty() || stages.cleanupEnd().isEmpty()) {
      return OptionalLong.empty();
    }
    long from = stages.memorizationEnd().getAsLong();
    long to = stages.cleanupEnd().getAsLong();
    double aim = Math.sqrt((double) from * to);
    return run.folder().snapshotSteps().stream()
        .mapToLong(Long::longValue)
        .filter(step -> step >= from && step < to)
        .boxed()
        .min(Comparator.comparingDouble(step -> Math.abs(Math.log((double) step / aim))))
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }

  private ExplainView.Section course(Picture curves) throws IOException {
    List<String> words = new ArrayList<>();
    summary.stages().ifPresent(stages -> words.add(Words.of(stages)));
    summary
        .collapses()
        .ifPresent(
            count ->
                words.add(
                    count == 0
                        ? "Once learnt, it was not lost again."
                        : "Once learnt, it was lost again "
                            + count
                            + (count == 1 ? " time." : " times.")));
    return new ExplainView.Section(
        "course",
        "Three stages",
        words,
        figures(
            "curves",
            curves,
            "Solid: accuracy and loss of both splits. Dashed, “circuit alone”: the loss with the"
                + " logits' part in cos and sin of x + y at the key frequencies alone; it falls"
                + " while the circuit forms. “Without circuit”: the training loss with that part"
                + " taken out; it rises when the network stops relying on its memory."),
        List.of());
  }

  private ExplainView.Section spectra(Map<String, double[]> parameters) throws IOException {
    List<Heat> heats = new ArrayList<>();
    for (String name : List.of("unembedding", "embedding")) {
      if (!run.metrics().isEmpty()
          && run.metrics().getFirst().measures().names().contains(name + "_power_1")) {
        heats.add(overTraining(name));
      }
    }
    double[] embedding = parameters.get(EMBEDDING);
    Spectrum spectrum = Spectrum.of(embedding, p, width);
    double[] shares = spectrum.shares();
    double share = Arrays.stream(keys).mapToDouble(k -> shares[k - 1]).sum();
    List<String> words =
        List.of(
            keys.length == 0
                ? "At the end, no frequency stands out: no circuit of addition has formed."
                : "At the end, "
                    + keys.length
                    + " of "
                    + p / 2
                    + " frequencies stand out in the unembedding, the key frequencies "
                    + list(keys)
                    + ". They hold "
                    + AdditionTable.percent(share)
                    + " of the embedding's power; were it spread evenly, they would hold "
                    + AdditionTable.percent((double) keys.length / shares.length)
                    + ".");
    List<ExplainView.Figure> figures =
        heats.isEmpty()
            ? List.of()
            : figures(
                "spectra",
                HeatPicture.of(heats, 1, COLUMNS, 240),
                "The share of the power in each Fourier frequency of Z_p (rows) at each step"
                    + " (columns, logarithmic). At first all rows are alike: noise. Then a few"
                    + " lines light up, the same in both pictures, and the rest fades. The"
                    + " embedding starts from larger random values, so its lines are fainter.");
    return new ExplainView.Section("spectrum", "A few waves remain", words, figures, List.of());
  }

  /** Shares of all frequencies against the logarithm of the step. */
  private Heat overTraining(String name) {
    List<MetricsRow> rows = run.metrics();
    double first = (double) rows.getFirst().step();
    double last = Math.max((double) rows.getLast().step(), first + 1);
    double[][] values = new double[p / 2][COLUMNS];
    int at = 0;
    for (int column = 0; column < COLUMNS; column++) {
      double step = first * Math.pow(last / first, column / (COLUMNS - 1.0));
      while (at + 1 < rows.size() && (double) rows.get(at + 1).step() <= step * (1 + 1e-9)) {
        at++;
      }
      for (int k = 1; k <= p / 2; k++) {
        values[k - 1][column] = rows.get(at).measures().value(name + "_power_" + k);
      }
    }
    List<Heat.Mark> marks = new ArrayList<>();
    for (double decade = 1; decade <= last; decade *= 10) {
      for (double digit : new double[] {1, 2, 5}) {
        double step = digit * decade;
        if (step >= first && step <= last) {
          double column = Math.log(step / first) / Math.log(last / first) * (COLUMNS - 1);
          marks.add(new Heat.Mark(column, number(step)));
        }
      }
    }
    double most =
        Arrays.stream(values)
            .flatMapToDouble(Arrays::stream)
            .filter(Double::isFinite)
            .max()
            .orElse(1);
    return new Heat(
        "share of the " + name + "'s power, by frequency",
        values,
        0,
        most,
        "step",
        "",
        List.copyOf(marks),
        Arrays.stream(keys).mapToObj(k -> new Heat.Mark(k - 1, Integer.toString(k))).toList());
  }

  private ExplainView.Section circles(double[] before, double[] after) throws IOException {
    double[] shares = Spectrum.of(after, p, width).shares();
    List<Integer> shown =
        Arrays.stream(keys)
            .boxed()
            .sorted(Comparator.comparingDouble(k -> -shares[k - 1]))
            .limit(MOST_PLANES)
            .toList();
    List<CirclePicture.Plane> planes = new ArrayList<>();
    Map<String, double[]> embeddings = new LinkedHashMap<>();
    embeddings.put("step 0", before);
    embeddings.put("step " + number((double) summary.steps()), after);
    embeddings.forEach(
        (when, embedding) -> {
          for (int k : shown) {
            planes.add(
                new CirclePicture.Plane(
                    when + ", k = " + k, k, EmbeddingParts.plane(embedding, p, width, k)));
          }
        });
    List<ExplainView.Figure> figures =
        shown.isEmpty()
            ? List.of()
            : figures(
                "circles",
                CirclePicture.of(planes, shown.size()),
                "The embeddings of 0 … p−1 in the plane of each key frequency k. Above, before"
                    + " training: a cloud. Below: a circle, on which x stands at the angle 2πkx/p;"
                    + " the colour is that angle, and lines join neighbours on the circle. (The"
                    + " plane for each number is laid by all the others, so that the picture cannot"
                    + " show a circle which is not there.)");
    return new ExplainView.Section(
        "circles",
        "Numbers on circles",
        shown.isEmpty() ? List.of("There are no key frequencies, so no circles.") : List.of(),
        figures,
        List.of());
  }

  private ExplainView.Section neurons(Inside inside) throws IOException {
    List<BarPicture.Frame> frames = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    List<Heat> examples = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      NeuronFrequencies[] found = inside.frequencies(layer, p);
      int[] counts = new int[p / 2];
      int onKey = 0;
      int clustered = 0;
      for (NeuronFrequencies neuron : found) {
        if (neuron.share() >= NeuronFrequencies.CLUSTERED) {
          clustered++;
          counts[neuron.frequency() - 1]++;
          onKey += Arrays.binarySearch(keys, neuron.frequency()) >= 0 ? 1 : 0;
        }
      }
      frames.add(new BarPicture.Frame("neurons of block " + layer + " by frequency", counts));
      rows.add(
          List.of(
              "block " + layer,
              number(found.length),
              number(clustered),
              number(onKey),
              AdditionTable.percent(median(found))));
      addExamples(examples, inside, layer, found);
    }
    List<ExplainView.Figure> figures = new ArrayList<>();
    figures.addAll(
        figures(
            "neurons",
            BarPicture.of(frames, IntStream.of(keys).boxed().toList()),
            "How many neurons belong to each frequency: at least 85 % of the variance of such a"
                + " neuron over the table is waves of this frequency in x and y. Coloured and"
                + " numbered: the key frequencies."));
    if (!examples.isEmpty()) {
      figures.addAll(
          figures(
              "neuron-examples",
              HeatPicture.of(examples, 3, 220, 220),
              "The activations of some neurons over the table of (x, y): stripes and checks of one"
                  + " wavelength."));
    }
    return new ExplainView.Section(
        "neurons",
        "Neurons compute with one frequency each",
        List.of(
            "The feed-forward layers multiply waves of x by waves of y. In a circuit of addition,"
                + " most neurons work for a single key frequency."),
        figures,
        List.of(
            new ExplainView.Table(
                List.of("", "neurons", "with one frequency", "of them a key one", "median share"),
                rows)));
  }

  private static double median(NeuronFrequencies[] neurons) {
    double[] shares =
        Arrays.stream(neurons).mapToDouble(NeuronFrequencies::share).sorted().toArray();
    return shares[shares.length / 2];
  }

  /** Of each layer, the clearest neurons of three different frequencies. */
  private void addExamples(
      List<Heat> examples, Inside inside, int layer, NeuronFrequencies[] found) {
    List<Integer> seen = new ArrayList<>();
    IntStream.range(0, found.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -found[i].share()))
        .filter(
            i -> {
              boolean fresh = found[i].frequency() > 0 && !seen.contains(found[i].frequency());
              if (fresh) {
                seen.add(found[i].frequency());
              }
              return fresh;
            })
        .limit(3)
        .forEach(
            i ->
                examples.add(
                    Heat.ofTable(
                        "block " + layer + ", neuron " + i + ": k = " + found[i].frequency(),
                        p,
                        Inside.doubles(inside.neurons()[layer][i]))));
  }

  private ExplainView.Section attention(Inside inside) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    List<Heat> heats = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      for (int head = 0; head < config.heads(); head++) {
        float[][] weights = inside.attention()[layer][head];
        List<String> cells = new ArrayList<>(List.of("block " + layer + ", head " + head));
        for (float[] position : weights) {
          cells.add(AdditionTable.percent(Inside.mean(position)));
        }
        rows.add(List.copyOf(cells));
        heats.add(
            Heat.ofTable("block " + layer + ", head " + head, p, Inside.doubles(weights[0]), 0, 1));
      }
    }
    return new ExplainView.Section(
        "attention",
        "Where the last position looks",
        List.of(
            "The answer is read at “=”. Attention is how the numbers get there: the weights of each"
                + " head, as means over all (x, y), and on x for each (x, y). A head that looks at"
                + " x and y alike hands their sum of waves to the neurons."),
        figures(
            "attention",
            HeatPicture.of(heats, Math.min(4, config.heads()), 180, 180),
            "Attention from “=” to x, for every (x, y). Stripes: how much a head looks at x depends"
                + " on x, or on y, in waves."),
        List.of(new ExplainView.Table(List.of("", "x", "+", "y", "="), rows)));
  }

  private ExplainView.Section answers(Map<String, double[][]> logits) throws IOException {
    List<Heat> heats = new ArrayList<>();
    logits.forEach(
        (when, values) ->
            heats.add(Heat.ofTable("right answer, " + when, p, table.confidence(values), 0, 1)));
    logits.forEach(
        (when, values) ->
            heats.add(Heat.ofTable("logit of 0, " + when, p, AdditionTable.logit(values, 0))));
    return new ExplainView.Section(
        "answers",
        "The table of answers, before, during and after",
        logits.size() < 3
            ? List.of(
                "There is no snapshot from between memorization and generalization, so the middle"
                    + " is missing: train with --snapshot-every log.")
            : List.of(),
        figures(
            "answers",
            HeatPicture.of(heats, logits.size(), 260, 260),
            "Above: the probability of the right answer for each (x, y). While the network knows"
                + " the training rows by heart, these are light specks in the dark; at the end the"
                + " whole table is light. Below: the logit of the answer 0 against the mean of all"
                + " answers. The algorithm writes diagonal stripes, for it depends on x + y alone,"
                + " and the lightest is where x + y = 0."),
        List.of());
  }

  private ExplainView.Section ablation(Map<String, double[]> parameters, double[][] whole) {
    double[] embedding = parameters.get(EMBEDDING);
    double[] unembedding = parameters.get(UNEMBEDDING);
    int last = unembedding.length / (p + 2);
    double[] only = EmbeddingParts.only(embedding, p, width, keys);
    List<List<String>> rows = new ArrayList<>();
    rows.add(table.answers("the whole network", row -> whole[row]));
    int[] others = others(embedding);
    rows.add(ablated("embedding: the key frequencies alone", EMBEDDING, only));
    rows.add(
        ablated(
            "… with each number's vector as long as before",
            EMBEDDING,
            EmbeddingParts.rescaled(only, embedding, p, width)));
    rows.add(
        ablated(
            "embedding: without the key frequencies",
            EMBEDDING,
            EmbeddingParts.without(embedding, p, width, keys)));
    rows.add(
        ablated(
            "embedding: without as many others (" + list(others) + ")",
            EMBEDDING,
            EmbeddingParts.without(embedding, p, width, others)));
    rows.add(
        ablated(
            "unembedding: the key frequencies alone",
            UNEMBEDDING,
            EmbeddingParts.only(unembedding, p, last, keys)));
    rows.add(
        ablated(
            "unembedding: without the key frequencies",
            UNEMBEDDING,
            EmbeddingParts.without(unembedding, p, last, keys)));
    AdditionCircuit circuit = AdditionCircuit.of(p, table.sums(), whole, keys);
    rows.add(table.answers("logits: the circuit alone", row -> circuit.restricted(table.sum(row))));
    rows.add(
        table.answers(
            "logits: without the circuit", row -> circuit.excluded(table.sum(row), whole[row])));
    return new ExplainView.Section(
        "ablation",
        "Take it away",
        List.of(
            "The proof is in the taking away. If the key frequencies are the algorithm, the network"
                + " must do without all the others, and not without them. Nothing is trained again"
                + " in between. Where the embedding still has much of its first noise, the layers"
                + " behind have grown up with vectors that long, and miss the length, if not the"
                + " noise: so there is a row with the length given back."),
        List.of(),
        List.of(new ExplainView.Table(AdditionTable.COLUMNS, rows)));
  }

  private List<String> ablated(String name, String tensor, double[] values) {
    double[] before = network.parameters().get(tensor);
    network.set(tensor, values);
    double[][] logits = network.logits(table.rows());
    network.set(tensor, before);
    return table.answers(name, row -> logits[row]);
  }

  /** As many frequencies that are no key ones, those with the most power. */
  private int[] others(double[] embedding) {
    double[] shares = Spectrum.of(embedding, p, width).shares();
    return IntStream.rangeClosed(1, shares.length)
        .filter(k -> Arrays.binarySearch(keys, k) < 0)
        .boxed()
        .sorted(Comparator.comparingDouble(k -> -shares[k - 1]))
        .limit(keys.length)
        .sorted()
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private List<ExplainView.Figure> figures(String id, Picture picture, String caption)
      throws IOException {
    if (!drawable) {
      return List.of();
    }
    Path folder = out.resolve("figures");
    Files.createDirectories(folder);
    picture.write(folder.resolve(id + ".svg"), folder.resolve(id + ".png"));
    return Collections.singletonList(
        new ExplainView.Figure(InlineSvg.of(picture, id, caption), caption));
  }

  private static String list(int[] numbers) {
    return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(", "));
  }

  private static String number(double value) {
    return Style.number(value);
  }
}
