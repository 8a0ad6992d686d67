package dev.groklab.experiments.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import dev.groklab.run.SeedRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** From the text of a grid file to its runs; every fault is told with its place. */
final class GridParser {

  private static final String SET = "set";
  private static final SeedRange ONE_SEED = new SeedRange(0, 0);
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES) // 1.0 stays as it is written
          .build();

  private final String source;
  private final Overrides overrides;

  /** Settings, and where they are written. */
  private record Layer(String place, Map<String, String> settings) {
    static Layer of(Section section) {
      return new Layer(section.place(), section.settings());
    }
  }

  /** What all curves have in common: seeds, and the settings under and over their own. */
  private record Frame(SeedRange seeds, List<Layer> below, List<Layer> scale, List<Layer> command) {
    Frame with(Layer layer) {
      return new Frame(seeds, and(below, layer), scale, command);
    }

    Frame withScale(Layer layer) {
      return new Frame(seeds, below, and(scale, layer), command);
    }

    private static List<Layer> and(List<Layer> layers, Layer layer) {
      List<Layer> more = new ArrayList<>(layers);
      more.add(layer);
      return more;
    }

    List<Layer> layers() {
      List<Layer> layers = new ArrayList<>(below);
      layers.addAll(scale);
      layers.addAll(command);
      return layers;
    }
  }

  GridParser(String source, Overrides overrides) {
    this.source = source;
    this.overrides = overrides;
  }

  Grid parse(String text) {
    for (String name : overrides.set().keySet()) {
      Optional<String> obstacle = Section.obstacle(name);
      if (obstacle.isPresent()) {
        throw new ConfigException(SET, obstacle.get());
      }
    }
    Section top = Section.of(source, tree(text));
    boolean several = top.has("panels");
    if (several) {
      top.allowing("title", "description", "base", "seeds", "panels", "scale");
    } else {
      top.allowing("title", "description", "base", "seeds", SET, "vary", "curves", "scale");
    }
    String title = top.text("title").orElseThrow(() -> top.fault("a title is needed: 'title: …'"));
    Frame frame = frame(top);
    List<Panel> panels = new ArrayList<>();
    if (several) {
      for (Section panel : top.sections("panels", "panel")) {
        panel.allowing("title", "description", SET, "vary", "curves", "scale");
        panels.add(panel(panel, title, frame.withScale(ownScale(panel))));
      }
    } else {
      panels.add(panel(top, title, frame));
    }
    return new Grid(title, top.text("description").orElse(""), panels, frame.seeds());
  }

  private JsonNode tree(String text) {
    try {
      return YAML.readTree(text);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
      throw new GridException(
          source,
          "is no YAML: " + e.getOriginalMessage().lines().findFirst().orElse("unreadable") + where);
    }
  }

  private Frame frame(Section top) {
    Section scale = scale(top);
    SeedRange seeds = seeds(scale).or(() -> seeds(top)).orElse(ONE_SEED);
    return new Frame(
        overrides.seeds().orElse(seeds),
        List.of(Layer.of(top.section("base"))),
        List.of(Layer.of(scale.section(SET))),
        List.of(new Layer("--" + SET, overrides.set())));
  }

  /** The scale that is asked for; an empty one if none is. */
  private Section scale(Section top) {
    Section scales = top.section("scale");
    Map<String, Section> known = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : scales.node().properties()) {
      known.put(field.getKey(), scales.section(field.getKey()).allowing("seeds", SET));
    }
    if (overrides.scale().isEmpty()) {
      return top.empty("scale");
    }
    String name = overrides.scale().get();
    if (!known.containsKey(name)) {
      throw new ConfigException(
          "scale",
          "'"
              + name
              + "' is not allowed: "
              + source
              + (known.isEmpty() ? " has no scales" : " has " + String.join(", ", known.keySet())));
    }
    return known.get(name);
  }

  /** What the scale that is asked for changes in one panel. */
  private Layer ownScale(Section panel) {
    Section scales = panel.section("scale");
    for (Map.Entry<String, JsonNode> field : scales.node().properties()) {
      scales.section(field.getKey()).allowing(SET);
    }
    return overrides
        .scale()
        .map(name -> Layer.of(scales.section(name).section(SET)))
        .orElseGet(() -> new Layer(panel.place(), Map.of()));
  }

  private static Optional<SeedRange> seeds(Section section) {
    try {
      return section.text("seeds").map(SeedRange::parse);
    } catch (ConfigException e) {
      throw section.fault(e.getMessage());
    }
  }

  private static Panel panel(Section panel, String gridTitle, Frame frame) {
    if (panel.has("vary") && panel.has("curves")) {
      throw panel.fault("has both 'vary' and 'curves'; one of them is allowed");
    }
    String title = panel.text("title").orElse(gridTitle);
    Frame own = frame.with(Layer.of(panel.section(SET)));
    List<Curve> curves;
    if (panel.has("curves")) {
      curves = panel.sections("curves", "curve").stream().map(c -> labelled(c, own)).toList();
    } else if (panel.has("vary")) {
      Section vary = panel.section("vary");
      curves = combinations(vary.choices()).stream().map(c -> varied(panel, vary, c, own)).toList();
    } else {
      curves = List.of(new Curve(title, Map.of(), runs(panel.place(), own)));
    }
    requireDifferent(panel, curves);
    return new Panel(title, panel.text("description").orElse(""), curves);
  }

  private static Curve labelled(Section curve, Frame frame) {
    curve.allowing("label", SET);
    String label =
        curve.text("label").orElseThrow(() -> curve.fault("a label is needed: 'label: …'"));
    Layer layer = Layer.of(curve.section(SET));
    return new Curve(label, layer.settings(), runs(curve.place(), frame.with(layer)));
  }

  private static Curve varied(
      Section panel, Section vary, Map<String, String> settings, Frame frame) {
    String label =
        settings.entrySet().stream()
            .map(setting -> setting.getKey() + " = " + setting.getValue())
            .collect(Collectors.joining(", "));
    String place = panel.place() + ": curve '" + label + "'";
    return new Curve(label, settings, runs(place, frame.with(new Layer(vary.place(), settings))));
  }

  /** Every choice of one value per setting; the last setting changes fastest. */
  private static List<Map<String, String>> combinations(Map<String, List<String>> choices) {
    List<Map<String, String>> combinations = List.of(Map.of());
    for (Map.Entry<String, List<String>> choice : choices.entrySet()) {
      List<Map<String, String>> longer = new ArrayList<>();
      for (Map<String, String> shorter : combinations) {
        for (String value : choice.getValue()) {
          Map<String, String> combination = new LinkedHashMap<>(shorter);
          combination.put(choice.getKey(), value);
          longer.add(combination);
        }
      }
      combinations = longer;
    }
    return combinations;
  }

  private static List<GridRun> runs(String place, Frame frame) {
    Map<String, String> settings = new LinkedHashMap<>();
    frame.layers().forEach(layer -> settings.putAll(layer.settings()));
    List<GridRun> runs = new ArrayList<>();
    try {
      for (long seed : frame.seeds().seeds().toArray()) {
        settings.put(ConfigKey.SEED.key(), Long.toString(seed));
        runs.add(GridRun.of(RunConfig.of(settings)));
      }
    } catch (ConfigException e) {
      throw located(e, place, frame.layers());
    }
    return runs;
  }

  /** The same fault, where the setting was written. */
  private static IllegalArgumentException located(
      ConfigException fault, String place, List<Layer> layers) {
    for (Layer layer : layers.reversed()) {
      if (layer.settings().containsKey(fault.key())) {
        String message = fault.getMessage() + " (for " + place + ")";
        return layer.place().startsWith("--")
            ? new ConfigException(SET, message)
            : new GridException(layer.place(), message);
      }
    }
    return new GridException(place, fault.getMessage());
  }

  /** Two curves that look or are the same are a slip, often one of --set or a scale. */
  private static void requireDifferent(Section panel, List<Curve> curves) {
    Map<String, String> labels = new HashMap<>();
    for (Curve curve : curves) {
      if (labels.containsValue(curve.label())) {
        throw panel.fault("two curves are called '" + curve.label() + "'; labels must differ");
      }
      String other = labels.put(curve.runs().getFirst().name(), curve.label());
      if (other != null) {
        throw panel.fault(
            "the curves '"
                + other
                + "' and '"
                + curve.label()
                + "' are the same run: what they differ in is overridden, by a scale or --set, or"
                + " changes nothing");
      }
    }
  }
}
