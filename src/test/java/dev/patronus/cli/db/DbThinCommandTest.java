package dev.patronus.cli.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DbThinCommandTest {
  @TempDir private Path folder;

  @Test
  void it_refuses_with_all_its_options_and_says_what_replaces_it() throws Exception {
    Outcome refused =
        CommandLineRun.on(folder.resolve("none.db"))
            .run("db", "thin", "--retention", "1m:48h 1h:52w", "--dry-run", "--yes");
    assertEquals(ExitCode.REFUSED, refused.exitCode());
    assertTrue(refused.err().contains("the setting 'retention'"), refused.err());
    assertTrue(refused.err().contains("patronus db prune"), refused.err());
    assertEquals(1, refused.err().lines().count());
  }

  @Test
  void no_help_names_it() throws Exception {
    String help = CommandLineRun.on(folder.resolve("none.db")).out("db", "--help");
    assertFalse(help.contains("  thin"), help);
  }
}
