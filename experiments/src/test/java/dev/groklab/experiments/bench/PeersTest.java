package dev.groklab.experiments.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.groklab.engine.Backend;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers: the real ones where they are to be had, and processes that misbehave. */
class PeersTest {

  private static final Path PEERS =
      Path.of("..", "benchmarks", "peers").toAbsolutePath().normalize();
  private static final String PYTHON =
      Optional.ofNullable(System.getenv("GROKLAB_PYTHON")).orElse("python3");

  private final StringWriter printed = new StringWriter();
  private final Page page = new Page(new PrintWriter(printed));

  private static Cell cell(String model, int replicas) {
    return new Cell(
        Map.of(
            "model",
            model,
            "p",
            "11",
            "batch-size",
            "16",
            "threads",
            "1",
            "dim",
            "16",
            "backend",
            "cpu"),
        replicas);
  }

  /** What a comparison with some peers gives. */
  private ObjectNode compare(Cell cell, List<Peer> peers) throws Exception {
    ArrayNode json = JsonMapper.builder().build().createArrayNode();
    try (Engine engine = Engine.open(new EngineOptions(Backend.CPU, 1))) {
      boolean agree =
          new PeerComparison(peers, 2, 0.02, () -> false).compare(engine, cell, page, json);
      assertThat(agree).isTrue();
    }
    return (ObjectNode) json.get(0);
  }

  @ParameterizedTest
  @CsvSource({"transformer, 2", "mlp, 1", "lstm, 1"})
  void pyTorchComputesTheSame(String model, int variants) throws Exception {
    requirePyTorch();
    List<Peer> eager = TorchPeer.all(PYTHON, PEERS).subList(0, variants);
    ObjectNode result = compare(cell(model, 1), eager);
    assertThat(result.path("left_out")).isEmpty();
    assertThat(result.path("peers")).hasSize(variants);
    result
        .path("peers")
        .forEach(
            peer -> {
              assertThat(peer.path("version").asText()).startsWith("PyTorch ");
              assertThat(peer.path("loss_difference").asDouble()).isLessThan(1e-4);
              assertThat(peer.path("ratio").asDouble()).isPositive();
            });
  }

  @Test
  void oneProcessForEachProcessor() throws Exception {
    requirePyTorch();
    ObjectNode json = JsonMapper.builder().build().createObjectNode();
    try (Engine engine = Engine.open(new EngineOptions(Backend.CPU, 2))) {
      new SweepComparison(TorchPeer.best(PYTHON, PEERS), 2, 0.02, () -> false)
          .compare(engine, cell("mlp", 3), page, json);
    }
    assertThat(json.path("processes").asInt()).isEqualTo(2);
    assertThat(json.path("replicas").asInt()).isEqualTo(3);
    assertThat(json.path("ratio").asDouble()).isPositive();
    assertThat(printed.toString()).contains("| Groklab, 3 replicas", "| 2 × PyTorch, eager");
  }

  @ParameterizedTest
  @ValueSource(strings = {"transformer", "mlp", "lstm"})
  void djlComputesTheSame(String model) throws Exception {
    DjlPeer djl = DjlPeer.in(PEERS);
    assumeTrue(djl.isBuilt(), "not run: `./groklab bench --peers=djl` builds it");
    ObjectNode result = compare(cell(model, 1), List.of(djl));
    assertThat(result.path("left_out")).isEmpty();
    assertThat(result.path("peers").get(0).path("version").asText()).startsWith("DJL 0.");
    assertThat(result.path("peers").get(0).path("loss_difference").asDouble()).isLessThan(1e-3);
  }

  private static void requirePyTorch() {
    try {
      TorchPeer.require(PYTHON);
    } catch (PeerFailure e) {
      assumeTrue(false, "not run: " + e.getMessage() + "; GROKLAB_PYTHON may name another");
    }
  }

  /** A peer of a few words of shell. */
  private record Shell(String script) implements Peer {
    @Override
    public String label() {
      return "a shell";
    }

    @Override
    public List<String> command() {
      return List.of("sh", "-c", script, "peer");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo no room on the bus >&2; exit 3 | no room on the bus",
        "exit 0 | it ended without a word",
        "echo good morning; read x; echo what >&2 | it ended without a word",
        "echo ready 1; read x; echo losses 1 2 3 | asked for 24 losses it gave 3",
        "echo ready 1; read x; echo lost it >&2; exit 1 | lost it",
        "echo ready 1; read x; echo block 5; echo wrong answer >&2 | wrong answer",
      })
  void aPeerThatFailsIsLeftOutWithItsLastWords(String script, String reason) throws Exception {
    ObjectNode result = compare(cell("mlp", 1), List.of(new Shell(script)));
    assertThat(result.path("peers")).isEmpty();
    assertThat(result.path("left_out")).hasSize(1);
    assertThat(printed.toString()).contains("Left out: a shell: ");
    // A shell that was ended before it spoke has said nothing.
    assertThat(result.path("left_out").get(0).path("reason").asText())
        .isIn(reason, "it ended without a word");
  }

  @Test
  void otherLossesAreNotTheSameWork() throws Exception {
    String losses = "1 ".repeat(Losses.COUNT).strip();
    Shell shell =
        new Shell(
            "echo ready shell 1; read x; echo losses "
                + losses
                + "; while read x n; do echo block 7; done");
    ArrayNode json = JsonMapper.builder().build().createArrayNode();
    try (Engine engine = Engine.open(new EngineOptions(Backend.CPU, 1))) {
      boolean agree =
          new PeerComparison(List.of(shell), 3, 0.01, () -> false)
              .compare(engine, cell("mlp", 1), page, json);
      assertThat(agree).isFalse();
    }
    assertThat(printed.toString()).contains("not the same work", "shell 1");
    assertThat(json.get(0).path("peers").get(0).path("agrees").asBoolean()).isFalse();
  }

  @Test
  void aProgramThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> TorchPeer.require("no-python-of-this-name"))
        .isInstanceOf(PeerFailure.class)
        .hasMessageContaining("'no-python-of-this-name' cannot be run");
    assertThatThrownBy(() -> TorchPeer.require("false"))
        .isInstanceOf(PeerFailure.class)
        .hasMessageContaining("'false' has not all of torch, numpy, safetensors");
    assertThatThrownBy(() -> PeerProcess.start(List.of("no-peer-of-this-name")))
        .isInstanceOf(PeerFailure.class)
        .hasMessageContaining("could not be started");
  }
}
