package dev.groklab.experiments.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * PyTorch in a variant of {@code torch_peer.py}.
 *
 * @param python the interpreter
 * @param script the peer
 * @param variant {@code script}, {@code best} or {@code compiled}
 * @param label what it is called
 */
record TorchPeer(String python, Path script, String variant, String label) implements Peer {

  private static final String NEEDED = "torch, numpy, safetensors";

  /** All variants. */
  static List<Peer> all(String python, Path peers) {
    Path script = peers.resolve("torch_peer.py");
    return List.of(
        new TorchPeer(python, script, "script", "PyTorch, as a script writes it"),
        best(python, peers),
        new TorchPeer(python, script, "compiled", "PyTorch, torch.compile"));
  }

  /** The fastest without compilation. */
  static Peer best(String python, Path peers) {
    return new TorchPeer(
        python, peers.resolve("torch_peer.py"), "best", "PyTorch, eager at its best");
  }

  /**
   * Finds out whether there is a PyTorch.
   *
   * @throws PeerFailure if there is none; the message says what is missing
   */
  static void require(String python) throws PeerFailure {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import " + NEEDED).redirectErrorStream(true).start();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new PeerFailure(
            "'"
                + python
                + "' has not all of "
                + NEEDED
                + ": "
                + said.lines().reduce("", (_, l) -> l));
      }
    } catch (IOException e) {
      throw new PeerFailure("'" + python + "' cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeerFailure("interrupted", e);
    }
  }

  @Override
  public List<String> command() {
    return List.of(python, script.toString(), "--variant", variant);
  }
}
