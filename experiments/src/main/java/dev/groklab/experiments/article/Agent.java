package dev.groklab.experiments.article;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.groklab.data.control.CartPole;
import dev.groklab.engine.Buffer;
import dev.groklab.engine.EngineInfo;
import dev.groklab.engine.Trainer;
import dev.groklab.run.AtomicFile;
import dev.groklab.run.ConfigFile;
import dev.groklab.run.CsvLog;
import dev.groklab.run.Environment;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Safetensors;
import dev.groklab.run.Status;
import dev.groklab.run.Weights;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** One of the policies that learn together: its episodes so far, and its files. */
final class Agent implements Closeable {

  /** Episodes that the moving average is over. */
  static final int WINDOW = 100;

  /** The average over them from which on the pole counts as balanced. */
  static final double SOLVED = 475;

  static final String HEADER = "episode,return,average_return,loss,seconds";

  private final long seed;
  private final RunFolder folder;
  private final CsvLog log;
  private final CartPole cart = new CartPole();
  private final List<Integer> returns = new ArrayList<>();
  private final List<Double> averages = new ArrayList<>();
  private int windowSum;
  private OptionalInt solvedAt = OptionalInt.empty();
  private Status status = Status.STOPPED;
  private boolean finished;

  private Agent(long seed, RunFolder folder, CsvLog log) {
    this.seed = seed;
    this.folder = folder;
    this.log = log;
  }

  /**
   * An agent with empty files.
   *
   * @param settings what determines the run
   */
  static Agent create(long seed, RunFolder folder, Map<String, ?> settings, EngineInfo engine)
      throws IOException {
    Files.createDirectories(folder.path());
    ConfigFile.write(folder.config(), settings, Environment.of(engine));
    return new Agent(seed, folder, CsvLog.create(folder.metrics(), HEADER));
  }

  Episode play(Trainer trainer, int replica) {
    return Episode.play(trainer, replica, cart, seed, returns.size());
  }

  /** Takes note of an episode, and of the loss before its update. */
  void record(Episode episode, double loss, double seconds) throws IOException {
    returns.add(episode.steps());
    windowSum += episode.steps();
    int count = returns.size();
    if (count > WINDOW) {
      windowSum -= returns.get(count - 1 - WINDOW);
    }
    double average = (double) windowSum / Math.min(count, WINDOW);
    averages.add(average);
    if (solvedAt.isEmpty() && count >= WINDOW && average >= SOLVED) {
      solvedAt = OptionalInt.of(count);
    }
    log.add(
        String.format(
            Locale.ROOT, "%d,%d,%s,%s,%.3f", count, episode.steps(), average, loss, seconds));
    if (!Double.isFinite(loss)) {
      status = Status.DIVERGED;
    }
  }

  /** Whether its loss was finite so far. */
  boolean isSound() {
    return status != Status.DIVERGED;
  }

  long seed() {
    return seed;
  }

  RunFolder folder() {
    return folder;
  }

  List<Integer> returns() {
    return List.copyOf(returns);
  }

  List<Double> averages() {
    return List.copyOf(averages);
  }

  /** Average return of the latest episodes; 0 before the first. */
  double average() {
    return averages.isEmpty() ? 0 : averages.getLast();
  }

  /**
   * Writes what a run leaves at its end, the summary last.
   *
   * @param complete whether it has played all its episodes
   * @param microseconds time of a policy evaluation
   */
  void finish(Trainer trainer, int replica, boolean complete, double microseconds, double seconds)
      throws IOException {
    if (isSound() && complete) {
      status = Status.DONE;
    }
    log.close();
    finished = true;
    Safetensors.write(
        folder.finalWeights(),
        Weights.read(trainer, replica, Buffer.PARAMETERS, ""),
        Map.of("episodes", Integer.toString(returns.size())));
    JsonMapper mapper = JsonMapper.builder().build();
    ObjectNode json = mapper.createObjectNode();
    json.put("status", status.name().toLowerCase(Locale.ROOT));
    json.put("episodes", returns.size());
    json.put("steps", returns.stream().mapToLong(Integer::longValue).sum());
    json.put("average_return", average());
    json.put("best_average_return", bestAverage());
    if (solvedAt.isPresent()) {
      json.put("solved_at_episode", solvedAt.getAsInt());
    } else {
      json.putNull("solved_at_episode");
    }
    json.put("policy_evaluation_microseconds", microseconds);
    json.put("wall_seconds", seconds);
    AtomicFile.writeText(
        folder.summary(), mapper.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
  }

  /** The best average over a whole window, or over all episodes where they are fewer. */
  double bestAverage() {
    return averages.size() < WINDOW
        ? average()
        : averages.subList(WINDOW - 1, averages.size()).stream()
            .mapToDouble(Double::doubleValue)
            .max()
            .orElseThrow();
  }

  /** What became of it, in a line. */
  String describe() {
    return String.format(
        Locale.ROOT,
        "%s after %d episodes: average return of the last %d %.1f, best %.1f; %s",
        status.name().toLowerCase(Locale.ROOT),
        returns.size(),
        WINDOW,
        average(),
        bestAverage(),
        solvedAt.isPresent() ? "solved at episode " + solvedAt.getAsInt() : "not solved");
  }

  @Override
  public void close() throws IOException {
    if (!finished) {
      log.close();
    }
  }
}
