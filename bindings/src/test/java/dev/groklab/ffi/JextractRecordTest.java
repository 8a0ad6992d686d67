package dev.groklab.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The committed bindings were made from the committed header. */
final class JextractRecordTest {
  @Test
  void headerIsTheOneRecorded() throws Exception {
    Path header = Path.of("../native/include/groklab/groklab.h");
    String hash =
        HexFormat.of()
            .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(header)));

    assertThat(Files.readString(Path.of("jextract.sha256")))
        .as("the header changed: make the bindings again as JEXTRACT.md says")
        .startsWith(hash + " ");
  }
}
