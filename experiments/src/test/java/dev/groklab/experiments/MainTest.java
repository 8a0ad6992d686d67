package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.groklab.run.ConfigKey;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {

  @Test
  void helpExplainsTheCommands() {
    Groklab help = Groklab.run("--help");
    assertThat(help.status()).isZero();
    assertThat(help.out()).contains("train", "bench", "doctor", "Exit status");
    assertThat(help.err()).isEmpty();
    assertThat(Groklab.run("--version").out()).startsWith("groklab ");
    assertThat(Groklab.run("doctor", "--help").out()).contains("--json");
  }

  @Test
  void helpOfTrainExplainsEveryOptionWithItsDefault() {
    Groklab help = Groklab.run("train", "--help");
    assertThat(help.status()).isZero();
    for (ConfigKey key : ConfigKey.values()) {
      String value = key.isFlag() ? "[=" + key.label() + "]" : "=" + key.label();
      assertThat(help.out()).contains("--" + key.key() + value);
    }
    assertThat(help.out())
        .contains(
            "--seeds=A..B",
            "--out=DIR",
            "--config=FILE.yaml",
            "--resume",
            "--overwrite",
            "--trace-steps=FILE.csv",
            "--quiet",
            "(default: 0.0005)",
            "(default: 4·dim)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "-                 | groklab: a command is needed: train, sweep, paper, article, report,"
            + " explain, runs, bench or doctor (see groklab --help)",
        "trian             | groklab: 'trian' is not understood; similar: train",
        "article           | groklab article: an experiment is needed: modular-mlp, optimizers,",
        "article x         | groklab article: 'x' is not understood",
        "paper --figure 0  | groklab paper: --figure: '0' is not allowed: the report has the"
            + " figures 1 to 7",
        "paper --figure x  | groklab paper: --figure: 'x' is not allowed: the report has the"
            + " figures 1 to 7",
        "paper --scale big | groklab paper: --scale: 'big' is not allowed: figure-1.yaml has quick,"
            + " full",
        "paper --seeds 3   | groklab paper: --seeds: '3' is not allowed: A..B is needed",
        "paper --grids no  | groklab paper: --grids: no is no folder",
        "paper --set p     | groklab paper: --set: 'p' is not allowed: KEY=VALUE is needed",
        "paper --threads 0 | groklab paper: --threads: 0 is not allowed",
        "report            | groklab report: Missing required parameter: 'RUN'",
        "report nowhere    | groklab report: nowhere: is no folder",
        "train --stpes=3   | groklab train: '--stpes=3' is no option; similar: --steps",
        "train 97          | groklab train: '97' is not understood",
        "train --p         | groklab train: Missing required parameter for option '--p' (N)",
        "doctor --jsom     | groklab doctor: '--jsom' is no option; similar: --json",
      })
  void wrongUsageIsOneLine(String arguments, String message) {
    Groklab groklab = arguments == null ? Groklab.run() : Groklab.run(arguments.split(" "));
    assertThat(groklab.status()).isEqualTo(2);
    assertThat(groklab.err().lines()).singleElement().asString().startsWith(message);
    assertThat(groklab.out()).isEmpty();
  }

  @Test
  void debugShowsTheStackTrace() {
    Groklab groklab = Groklab.run("train", "--p", "1", "--debug");
    assertThat(groklab.status()).isEqualTo(2);
    assertThat(groklab.err()).contains("ConfigException", "\tat ");
  }

  @Test
  void doctorNamesTheBackends() throws IOException {
    Groklab doctor = Groklab.run("doctor");
    assertThat(doctor.status()).isZero();
    assertThat(doctor.out())
        .contains("groklab ", "java ", "libgroklab", "instruction set", "threads")
        .containsPattern("backend cpu +usable: ")
        .containsPattern("backend cuda +(not )?usable: ");
    JsonNode json = JsonMapper.builder().build().readTree(Groklab.run("doctor", "--json").out());
    assertThat(json.get("abi").asInt()).isEqualTo(4);
    assertThat(json.get("backends").findValuesAsText("name")).contains("cpu", "cuda", "naive");
  }
}
