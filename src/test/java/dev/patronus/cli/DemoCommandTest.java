package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoCommandTest {
  @TempDir private Path folder;

  private Outcome demo(String name, String... options) {
    String[] words = new String[options.length + 3];
    words[0] = "demo";
    words[1] = "--keep";
    words[2] = folder.resolve(name).toString();
    System.arraycopy(options, 0, words, 3, options.length);
    return CommandLineRun.bare().run(words);
  }

  @Test
  void the_walk_shows_each_command_with_its_answer() {
    Outcome outcome = demo("a");
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    assertEquals("", outcome.err());
    String said = outcome.out();
    assertTrue(
        said.startsWith("# How much traffic does each policy carry?\n$ patronus stats\n"), said);
    assertTrue(said.contains("voice     1000  yes"), said);
    assertTrue(said.contains("\n$ patronus db check\nok       integrity"), said);
    assertTrue(said.contains("prefix length must be 0..32, was '33'"), said);
    assertTrue(
        said.contains("export PATRONUS_DB_PATH=" + folder.resolve("a/sdwan.db") + "\n"), said);
  }

  @Test
  void the_same_instant_gives_the_same_walk() {
    assertEquals(
        demo("a").out().replace(folder + "/a", "DIR"),
        demo("b").out().replace(folder + "/b", "DIR"));
  }

  @Test
  void for_a_program_it_is_one_document() {
    Outcome outcome = demo("a", "--json");
    assertEquals("", outcome.err());
    assertTrue(outcome.out().startsWith("{\n  \"schema\": 1,\n  \"database\": \""));
    assertTrue(outcome.out().contains("{\"command\":\"patronus stats\",\"exit_code\":0}"));
    assertTrue(outcome.out().contains("{\"command\":\"patronus db check\",\"exit_code\":10}"));
  }

  @Test
  void a_database_that_is_there_already_is_not_touched() throws Exception {
    Files.createDirectories(folder.resolve("a"));
    Path mine = Files.writeString(folder.resolve("a/sdwan.db"), "mine");
    Outcome outcome = demo("a");
    assertEquals(ExitCode.REFUSED, outcome.exitCode(), outcome::toString);
    assertEquals("mine", Files.readString(mine));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2024-02-29T00:00:00Z", "2026-03-29T01:30:59Z", "2027-01-01T23:59:59Z"})
  void the_database_is_sound_and_its_counters_fall_once(String now) throws Exception {
    Outcome outcome =
        CommandLineRun.bare().at(now).run("demo", "--keep", folder.resolve("a").toString());
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    try (PlatformDatabase made = PlatformDatabase.open(folder.resolve("a/sdwan.db"))) {
      assertEquals(List.of("ok"), made.rows("PRAGMA integrity_check"));
      assertEquals(List.of(), made.rows("PRAGMA foreign_key_check"));
      assertEquals(
          List.of("1", "1", "1", "1", "1", "1"),
          made.rows(
              "SELECT sum(fell) FROM (SELECT policy_id, packets_matched < lag(packets_matched)"
                  + " OVER (PARTITION BY policy_id ORDER BY timestamp) AS fell"
                  + " FROM sdwan_policy_stats) GROUP BY policy_id"));
    }
  }
}
