package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong options of {@code bench}: status 2 and one line that names the option. */
class BenchUsageTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--model gpt            | --model: 'gpt' is not known; choose transformer or mlp or lstm",
        "--model mlp,           | --model: 'mlp,' is not allowed: values separated by commas",
        "--p 1                  | --p: 1 is not allowed: the modulus must be at least 2",
        "--p 97,x               | --p: 'x' is not allowed: a whole number is needed",
        "--batch half           | --batch: 'half' is not allowed",
        "--batch 0              | --batch: 0 is not allowed: must be at least 1",
        "--p 11 --batch 61      | --batch: 61 is not allowed: the training split has 60 rows",
        "--threads 0            | --threads: 0 is not allowed: at least 1, or 'all'",
        "--threads some         | --threads: 'some' is not allowed",
        "--replicas 0           | --replicas: '0' is not allowed: a whole number from 1 to 4096",
        "--replicas 1,two       | --replicas: 'two' is not allowed",
        "--seconds 0            | --seconds: 0.0 is not allowed: must be above 0",
        "--seconds soon         | Invalid value for option '--seconds': 'soon' is not a double",
        "--backend tpu          | --backend: 'tpu' is not allowed; choose auto",
        "--precision fp16       | --precision: 'fp16' is not allowed; choose fp32 or fp64",
        "--rounds 0             | --rounds: '0' is not allowed: a whole number from 1 to 1000",
        "--peers tensorflow     | --peers: 'tensorflow' is not known; choose pytorch or djl",
        "--peers --backend cuda | --backend: 'cuda' is not allowed with --peers: peers compute on",
        "--peers --precision fp64 | --precision: 'fp64' is not allowed with --peers",
        "--sweep-peer --precision fp64 | --precision: 'fp64' is not allowed with --sweep-peer",
        "--out /nonexistent/a.md | --out: /nonexistent/a.md: ",
        "--json /               | --json: /: ",
        "--quik                 | '--quik' is no option; similar: --quick",
        "97                     | '97' is not understood",
      })
  void isRefused(String options, String message) {
    Groklab groklab = Groklab.run(("bench " + options).split(" "));
    assertThat(groklab.status()).isEqualTo(2);
    assertThat(groklab.err().lines())
        .singleElement()
        .asString()
        .startsWith("groklab bench: " + message);
    assertThat(groklab.out()).isEmpty();
  }

  @Test
  void peersNeedTheRepository() {
    String before = System.setProperty("groklab.root", folder.toString());
    try {
      Groklab groklab = Groklab.run("bench", "--peers");
      assertThat(groklab.status()).isEqualTo(2);
      assertThat(groklab.err())
          .startsWith("groklab bench: --peers: the peers are part of the repository")
          .contains(folder.toString());
    } finally {
      if (before == null) {
        System.clearProperty("groklab.root");
      } else {
        System.setProperty("groklab.root", before);
      }
    }
  }

  @Test
  void helpExplainsEveryOption() {
    Groklab help = Groklab.run("bench", "--help");
    assertThat(help.status()).isZero();
    assertThat(help.out())
        .contains(
            "--model=LIST",
            "--p=LIST",
            "--batch=LIST",
            "--threads=LIST",
            "--replicas=LIST",
            "--seconds=X",
            "--backend=NAME",
            "--precision=NAME",
            "--quick",
            "--peers[=LIST]",
            "--sweep-peer",
            "--rounds=N",
            "--python=CMD",
            "--out=FILE.md",
            "--json=FILE");
  }
}
