package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.cli.CommandMatrix.Effect;
import dev.patronus.cli.CommandMatrix.Specimen;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.error.ExitCode;
import dev.patronus.output.Format;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What holds for every command that asks the daemon or reads the database, while the packaged
/// daemon works on it: it answers, in every format.
class EveryCommandIT {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(Age.class)
  void every_command_answers_in_every_format_while_the_daemon_works(Age age) throws Exception {
    Path database = SampleDatabase.make(folder, age);
    CommandLineRun cli =
        CommandLineRun.on(database)
            .at(Instant.now().toString())
            .env("PATRONUS_SOCKET", folder.resolve("patronus.sock").toString());
    cli.run("site", "delete", "lyon", "--yes");
    cli.run("policy", "delete", "default", "--yes");
    try (DaemonUnderTest _ = DaemonUnderTest.start(folder, DaemonUnderTest.freePort())) {
      for (Specimen specimen : CommandMatrix.specimens()) {
        if (specimen.effect() == Effect.ASKS) {
          answers(cli, specimen, ExitCode.DONE);
        } else if (specimen.effect() == Effect.READS
            && specimen.document()
            && specimen.appliesTo(age)) {
          answers(cli, specimen, specimen.ends());
        }
      }
    }
  }

  private static void answers(CommandLineRun cli, Specimen specimen, ExitCode code)
      throws IOException {
    for (Format format : Format.values()) {
      List<String> words = new ArrayList<>(List.of(specimen.words().split(" ", -1)));
      words.addAll(List.of("-o", EnumNames.of(format)));
      Outcome outcome = cli.run(words.toArray(String[]::new));
      assertEquals(code, outcome.exitCode(), () -> specimen + "\n" + outcome);
      boolean told = code == ExitCode.NOT_FOUND || specimen.tellsMissing();
      assertEquals(told ? 1 : 0, outcome.err().lines().count(), specimen::toString);
      if (code == ExitCode.NOT_FOUND) {
        continue;
      }
      switch (format) {
        case TABLE -> {}
        case JSON -> Printed.document(outcome.out());
        case NDJSON -> Printed.lines(outcome.out());
        case CSV -> Printed.csv(outcome.out());
      }
    }
  }
}
