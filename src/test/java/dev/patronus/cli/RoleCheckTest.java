package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Commands of a user whose group has a role. The group is that of this process.
class RoleCheckTest {
  @TempDir private Path folder;
  private Path database;
  private Path config;
  private String user;

  @BeforeEach
  void make() throws Exception {
    database = SampleDatabase.make(folder, Age.NEWEST);
    config = folder.resolve("patronus.conf");
    user = System.getProperty("user.name");
  }

  /// A command line whose user has this role and no other.
  private CommandLineRun having(String role) throws Exception {
    String group = Files.getAttribute(config(""), "unix:gid").toString();
    config("db = " + database + "\nroles = " + role + ":" + group + "\n");
    return CommandLineRun.on(database).env("PATRONUS_CONFIG", config.toString());
  }

  private Path config(String text) throws Exception {
    return Files.writeString(config, text);
  }

  private List<String> refusals() throws Exception {
    try (PlatformDatabase opened = PlatformDatabase.open(database)) {
      return opened.rows(
          "SELECT event_data, success, severity, user_id FROM audit_logs"
              + " WHERE event_type = 'authorization_failed' ORDER BY id");
    }
  }

  private static Outcome run(CommandLineRun cli, String words) {
    return cli.run(words.split(" ", -1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "site delete berlin --yes",
        "site restore lyon",
        "site purge lyon --yes",
        "policy delete voice --yes",
        "policy restore default",
        "policy purge default --yes",
        "db leftovers delete --yes",
        "db leftovers restore leftovers",
        "db leftovers purge --all --yes",
        "db prune --older-than 1h --yes",
        "db migrate"
      })
  void an_operator_may_not_what_an_admin_may(String words) throws Exception {
    String action = words.replaceFirst("^((db leftovers|site|policy|db) [a-z]+).*", "$1");
    Outcome outcome = run(having("operator"), words);
    outcome.failed(
        ExitCode.REFUSED,
        "'"
            + action
            + "' requires the role admin, and "
            + user
            + " has the role operator (setting roles); nothing was done");
    assertEquals(
        List.of(
            "{\"authorization_failed\":{\"resource\":\""
                + action
                + "\",\"required_role\":\"admin\"}}|0|warning|"
                + user),
        refusals());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alert silence busy --for 2h",
        "alert test busy",
        "path probe 1 -c 1 -W 1ms --save"
      })
  void a_viewer_may_not_what_an_operator_may(String words) throws Exception {
    assertEquals(ExitCode.REFUSED, run(having("viewer"), words).exitCode());
    assertEquals(1, refusals().size());
    assertTrue(run(having("operator"), words).exitCode() != ExitCode.REFUSED);
    assertEquals(1, refusals().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stats",
        "site list",
        "site delete berlin --dry-run",
        "db prune --older-than 1h --dry-run",
        "export sites",
        "audit",
        "config show",
        "sql SELECT 1"
      })
  void a_viewer_may_read_and_preview(String words) throws Exception {
    assertEquals(ExitCode.DONE, run(having("viewer"), words).exitCode());
    assertEquals(List.of(), refusals());
  }

  @Test
  void an_admin_may_delete() throws Exception {
    Outcome outcome = run(having("admin"), "site delete berlin --yes");
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
  }

  @Test
  void who_has_no_role_may_not_even_read_where_viewers_are_named() throws Exception {
    CommandLineRun cli = having("viewer");
    config("db = " + database + "\nroles = viewer:4710 admin:4711 operator:root\n");
    Outcome outcome = run(cli, "stats");
    boolean root = user.equals("root"); // its group has a role above
    assertEquals(root ? ExitCode.DONE : ExitCode.REFUSED, outcome.exitCode(), outcome::toString);
    assertEquals(ExitCode.DONE, run(cli, "version").exitCode());
    assertEquals(ExitCode.DONE, run(cli, "help stats").exitCode());
  }

  @Test
  void variables_of_the_environment_give_no_role() throws Exception {
    CommandLineRun cli =
        having("viewer")
            .env("PATRONUS_ROLES", "admin:root")
            .env("SUDO_USER", "root")
            .env("SUDO_UID", "0");
    assertEquals(ExitCode.REFUSED, run(cli, "site delete berlin --yes").exitCode());
  }

  @Test
  void another_database_is_not_restricted() throws Exception {
    CommandLineRun cli = having("viewer");
    Path copy = Files.copy(database, folder.resolve("copy.db"));
    assertEquals(ExitCode.DONE, run(cli, "site delete berlin --yes --db " + copy).exitCode());
  }

  @Test
  void another_name_of_the_database_is_restricted() throws Exception {
    CommandLineRun cli = having("viewer");
    Path link = Files.createSymbolicLink(folder.resolve("link.db"), database);
    assertEquals(ExitCode.REFUSED, run(cli, "site delete berlin --yes --db " + link).exitCode());
  }

  @Test
  void commands_of_a_shell_are_restricted_one_by_one() throws Exception {
    Outcome outcome = having("viewer").typing("site list\nsite delete berlin --yes\n").run("shell");
    assertEquals(ExitCode.REFUSED, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.out().contains("berlin"), outcome::toString);
    assertEquals(1, refusals().size());
  }

  @Test
  void roles_that_cannot_be_read_refuse_everything() throws Exception {
    CommandLineRun cli = having("admin");
    config("db = " + database + "\nroles = boss:root\n");
    run(cli, "site list")
        .failed(
            ExitCode.USAGE,
            "roles: no role 'boss'; there are viewer, operator and admin (" + config + " line 2)");
  }

  @Test
  void a_group_that_is_not_there_is_found_by_doctor() throws Exception {
    CommandLineRun cli = having("admin");
    config("db = " + database + "\nroles = admin:root,no-such-group\n");
    String out = run(cli, "doctor").out();
    assertTrue(out.contains("roles: there is no group 'no-such-group', so nobody has its"), out);
  }
}
