package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Roles, enforced by the packaged daemon on users that exist only as numbers: all may connect to
/// the socket, none may write to the database.
class RolesIT {
  private static final int SOCKET = 47_000;
  private static final int ADMIN = 47_001;
  private static final int OPERATOR = 47_002;
  private static final int VIEWER = 47_003;
  private static final int NOBODY = 47_009;

  @TempDir private Path folder;
  private PlatformDatabase database;
  private DaemonUnderTest daemon;

  @BeforeEach
  void start() throws Exception {
    Tools.require("setpriv");
    Tools.requireRoot();
    database = PlatformDatabase.create(folder, Age.NEWEST);
    database.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
    configure("roles = admin:" + ADMIN + " operator:" + OPERATOR + " viewer:" + VIEWER);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(database.file(), PosixFilePermissions.fromString("rw-r--r--"));
    int port = DaemonUnderTest.freePort();
    Program program =
        DaemonUnderTest.program(folder, port)
            .env("PATRONUS_CONFIG", folder.resolve("patronus.conf"));
    daemon = DaemonUnderTest.start(program, folder, port);
    Files.setAttribute(folder.resolve("patronus.sock"), "unix:gid", SOCKET);
  }

  @AfterEach
  void stop() throws SQLException {
    if (daemon != null) {
      daemon.close();
      database.close();
    }
  }

  private void configure(String line) throws IOException {
    Files.writeString(
        folder.resolve("patronus.conf"), "db = " + folder.resolve("sdwan.db") + "\n" + line + "\n");
  }

  /// A command of a user whose process runs with this group, and who may connect to the socket.
  private ProgramOutcome as(int group, String command) {
    List<Object> words =
        new ArrayList<>(
            List.of("--reuid", group, "--regid", group, "--groups", SOCKET, "--inh-caps=-all"));
    words.add(Program.home().resolve("bin/patronus"));
    words.addAll(List.of(command.split(" ", -1)));
    words.addAll(List.of("--socket", folder.resolve("patronus.sock")));
    return Program.of("setpriv", words.toArray())
        .env("PATRONUS_CONFIG", folder.resolve("patronus.conf"))
        .env("SUDO_USER", "root")
        .env("SUDO_UID", "0")
        .run();
  }

  private static void assertRefused(ProgramOutcome outcome, String why) {
    assertEquals(5, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.stderr().contains(why), outcome::toString);
  }

  private List<String> refusals() throws SQLException {
    return database.rows(
        "SELECT user_id, event_data, success, severity FROM audit_logs"
            + " WHERE event_type = 'authorization_failed' ORDER BY id");
  }

  @Test
  void the_daemon_lets_each_role_do_what_it_may() throws Exception {
    assertEquals(0, as(VIEWER, "stats").exitCode());
    assertEquals(0, as(VIEWER, "stats reset --all --dry-run").exitCode());
    assertEquals(0, as(OPERATOR, "cache cleanup").exitCode());
    assertEquals(0, as(ADMIN, "cache clear").exitCode());
    ProgramOutcome reset = as(ADMIN, "stats reset --all --yes");
    assertEquals(0, reset.exitCode(), reset::toString);
    assertEquals(List.of(), refusals());
  }

  @Test
  void the_daemon_refuses_what_a_role_may_not_and_records_it_once() throws Exception {
    String why = "'stats reset' requires the role admin, and 47002 has the role operator";
    assertRefused(as(OPERATOR, "stats reset --all --yes"), why);
    assertRefused(as(OPERATOR, "stats reset --all --yes"), why);
    assertRefused(
        as(VIEWER, "cache cleanup"),
        "'cache cleanup' requires the role operator, and 47003 has the role viewer");
    assertRefused(as(VIEWER, "cache clear"), "requires the role admin");
    assertEquals(
        List.of(
            "47002|{\"authorization_failed\":{\"resource\":\"stats reset\","
                + "\"required_role\":\"admin\"}}|0|warning",
            "47003|{\"authorization_failed\":{\"resource\":\"cache cleanup\","
                + "\"required_role\":\"operator\"}}|0|warning",
            "47003|{\"authorization_failed\":{\"resource\":\"cache clear\","
                + "\"required_role\":\"admin\"}}|0|warning"),
        refusals());
  }

  @Test
  void who_has_no_role_may_not_even_read_what_the_daemon_has() throws Exception {
    assertRefused(as(NOBODY, "cache stats"), "requires the role viewer, and 47009 has none");
    assertRefused(as(NOBODY, "site list"), "requires the role viewer, and 47009 has none");
  }

  /// Their own file makes them an admin in their own command; the daemon reads another one.
  @Test
  void another_configuration_does_not_help() throws Exception {
    Path own = folder.resolve("own.conf");
    Files.writeString(own, "db = " + database.file() + "\nroles = admin:" + VIEWER + "\n");
    assertRefused(
        as(VIEWER, "stats reset --all --yes --config " + own),
        "'stats reset' requires the role admin, and 47003 has the role viewer");
  }

  @Test
  void other_roles_are_in_force_after_hup() throws Exception {
    configure("roles = admin:" + VIEWER + ",no-such-group");
    daemon.program().signal("HUP");
    daemon.program().awaitStderr("reloaded: roles changed");
    daemon.program().awaitStderr("roles: there is no group 'no-such-group'; nobody has its role");
    assertEquals(0, as(VIEWER, "cache clear").exitCode());
    assertRefused(as(ADMIN, "cache clear"), "47001 has the role viewer");
  }

  @Test
  void root_is_an_admin_unless_said_otherwise() throws Exception {
    assertEquals(0, as(0, "cache clear").exitCode());
    configure("roles = admin:" + ADMIN + " viewer:root");
    daemon.program().signal("HUP");
    daemon.program().awaitStderr("reloaded: roles changed");
    assertRefused(as(0, "cache clear"), "root has the role viewer");
  }

  @Test
  void a_check_names_groups_that_are_not_there_and_lines_that_are_wrong() throws Exception {
    configure("roles = admin:no-such-group");
    Program check =
        DaemonUnderTest.program(folder, DaemonUnderTest.freePort(), "--check")
            .env("PATRONUS_CONFIG", folder.resolve("patronus.conf"));
    ProgramOutcome unknown = check.run();
    assertEquals(1, unknown.exitCode(), unknown::toString);
    assertTrue(
        (unknown.stdout() + unknown.stderr()).contains("roles: there is no group 'no-such-group'"),
        unknown::toString);
    configure("roles = boss:root");
    ProgramOutcome wrong = check.run();
    assertEquals(2, wrong.exitCode(), wrong::toString);
    assertTrue(
        wrong.stderr().contains("no role 'boss'; there are viewer, operator and admin ("),
        wrong::toString);
  }
}
