package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.Main;
import dev.patronus.cli.CommandMatrix.Specimen;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.DatabaseLocks;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.SampleDatabase;
import dev.patronus.testing.TerminalWindow;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No command gives up the lock that a connection of its process holds on the database: while it is
/// held, no other program takes itself for the last one and removes the log.
class DatabaseLocksTest {
  private static final int SITES = 12;
  private static final int TRIES = 3000;
  private static final int PAUSE_MILLIS = 20;

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void make() throws Exception {
    Tools.requireKernel(DatabaseLocks.areListed(), "/proc/locks");
    file = SampleDatabase.make(folder, Age.NEWEST);
    try (PlatformDatabase database = PlatformDatabase.open(file)) {
      database.run("PRAGMA journal_mode = WAL");
      for (int i = 0; i < SITES; i++) {
        database.site("0000000%x-0000-4000-8000-000000000000".formatted(i), "spare-" + i);
      }
    }
  }

  /// @param terminals which of the three streams are said to be a terminal
  private Program patronus(String terminals, String... words) {
    List<Object> all =
        new ArrayList<>(
            List.of(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Dpatronus.terminals=" + terminals,
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    all.addAll(List.of(words));
    return Program.of(Path.of(System.getProperty("java.home"), "bin", "java"), all.toArray())
        .env("PATRONUS_DB_PATH", file)
        .env("PATRONUS_PAGER", "")
        .env("PATRONUS_BUSY_TIMEOUT", "5m")
        .env("PATRONUS_STATE_DIR", folder)
        .env("PATRONUS_ALERT", CommandMatrix.ALERTS.get("PATRONUS_ALERT"))
        .env("PATRONUS_ALERT_COMMAND", CommandMatrix.ALERTS.get("PATRONUS_ALERT_COMMAND"))
        .env("XDG_STATE_HOME", folder);
  }

  /// The process that has the words on its command line: the one in a window is a grandchild.
  private static long pidOf(String word) {
    return ProcessHandle.allProcesses()
        .filter(each -> each.info().command().orElse("").endsWith("/java"))
        .filter(each -> commandLine(each.pid()).contains(word))
        .findFirst()
        .orElseThrow()
        .pid();
  }

  /// Of any length: that of [ProcessHandle] ends after a page.
  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
    } catch (IOException _) {
      return ""; // it has ended
    }
  }

  @Test
  void a_shell_holds_its_lock_after_every_command() throws Exception {
    Tools.require("tmux");
    Program shell = patronus("012", "shell", "--db", file.toString());
    List<String> gaveUp = new ArrayList<>();
    try (TerminalWindow window = TerminalWindow.open(folder, 100, 30, shell)) {
      window.await("no daemon>");
      long pid = pidOf("shell --db " + file);
      finish(window, "site list", 0);
      assertTrue(DatabaseLocks.isHeldBy(pid), "a shell that has read holds a lock");
      int mark = 0;
      for (Specimen specimen : CommandMatrix.specimens()) {
        if (!specimen.words().equals("shell")) {
          finish(window, specimen.words().replace("FOLDER", folder.toString()), ++mark);
          if (!DatabaseLocks.isHeldBy(pid)) {
            gaveUp.add(specimen.words());
          }
        }
      }
      window.type("site show spar").press("Tab");
      window.await(
          "spare-", screen -> screen.lines().filter(l -> l.contains("spare-")).count() > 1);
      assertTrue(DatabaseLocks.isHeldBy(pid), "completion gave up the lock");
    }
    assertEquals(List.of(), gaveUp, "gave up the lock of the shell's connection");
  }

  @Test
  void a_shell_refuses_its_database_as_a_configuration_file() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("other-name"), file);
    try (RunningProgram shell = patronus("", "shell").start()) {
      say(shell, "site list");
      shell.awaitStdout("spare-0");
      say(shell, "site list --config " + link);
      shell.stdin().close();
      assertEquals(
          "patronus: " + link + " is the database that is in use, not a configuration file",
          shell.outcome().stderr().lines().findFirst().orElse(""));
      assertEquals(ExitCode.REFUSED.code(), shell.outcome().exitCode());
    }
  }

  /// The database of the shell as the state of an export from another one.
  @Test
  void a_shell_does_not_open_its_database_as_the_state_of_an_export() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("other-name"), file);
    Path other = folder.resolve("other.db");
    try (RunningProgram backup = patronus("", "db", "backup", other.toString()).start()) {
      assertEquals(ExitCode.DONE.code(), backup.outcome().exitCode());
    }
    try (RunningProgram shell = patronus("", "shell").start()) {
      say(shell, "site list");
      shell.awaitStdout("spare-0");
      assertTrue(DatabaseLocks.isHeldBy(shell.pid()));
      say(shell, "export stats --db " + other + " --since-last " + link + " --restart");
      assertEquals(
          "patronus: "
              + link
              + " is in use by this command itself; name another file with"
              + " --since-last",
          shell.outcome().stderr().lines().findFirst().orElse(""));
      assertEquals(ExitCode.REFUSED.code(), shell.outcome().exitCode());
    }
  }

  @Test
  void a_daemon_refuses_its_database_as_a_capture() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("other-name"), file);
    ProgramOutcome outcome =
        patronus("", "daemon", "--check", "--metrics-listen", "off", "--source", "pcap:" + link)
            .run();
    assertEquals(
        "patronus: source pcap:" + link + ": it is the database, not a capture\n",
        outcome.stderr());
    assertEquals(ExitCode.USAGE.code(), outcome.exitCode());
  }

  /// Types a command, and another one whose answer says that the first has ended.
  private static void finish(TerminalWindow window, String words, int mark) {
    window.type(words).press("Enter");
    window.type("sql SELECT 'mark' || " + mark + " || 'done'").press("Enter");
    window.await("mark" + mark + "done");
    window.press("C-l");
  }

  @Test
  void a_command_that_reads_and_then_writes_holds_its_lock_all_the_time() throws Exception {
    try (PlatformDatabase other = PlatformDatabase.open(file)) {
      other.run("BEGIN IMMEDIATE");
      try (RunningProgram deleting =
          patronus("", "site", "delete", "spare-1", "--yes", "--db", file.toString()).start()) {
        awaitDescriptors(deleting.pid(), 2, file.resolveSibling(file.getFileName() + "-wal"));
        assertTrue(DatabaseLocks.isHeldBy(deleting.pid()), "the lock is gone before the change");
        other.run("COMMIT");
        assertEquals(ExitCode.DONE.code(), deleting.outcome().exitCode());
      }
    }
  }

  /// Waits until a process has opened its second connection.
  private static void awaitDescriptors(long pid, int count, Path of) throws Exception {
    for (int i = 0; i < TRIES && DatabaseLocks.descriptors(pid, of) < count; i++) {
      Thread.sleep(PAUSE_MILLIS);
    }
    assertEquals(count, DatabaseLocks.descriptors(pid, of), "it has opened no second connection");
  }

  @Test
  void nothing_is_lost_beside_another_sqlite_that_opens_and_closes() throws Exception {
    Tools.require("sqlite3");
    try (RunningProgram shell = patronus("", "shell").start()) {
      say(shell, "site list");
      shell.awaitStdout("spare-0");
      for (int i = 0; i < SITES; i++) {
        say(shell, "site delete spare-" + i + " --yes");
        shell.awaitStdout("eleted spare-" + i);
        sqlite3(
            "INSERT INTO sdwan_policies (name, priority, match_rules, path_preference, enabled) VALUES ('other-"
                + i
                + "', 1, '{}', '', 1)");
        assertEquals(
            "0\n",
            sqlite3("SELECT count(*) FROM sdwan_sites WHERE site_name = 'spare-" + i + "'"),
            "another program still sees the site that was deleted");
        say(
            shell,
            "sql SELECT count(*) || ' rows of others, "
                + i
                + "' FROM sdwan_policies WHERE name LIKE 'other-%'");
        shell.awaitStdout((i + 1) + " rows of others, " + i);
      }
      shell.stdin().close();
      assertEquals(ExitCode.DONE.code(), shell.outcome().exitCode(), shell.outcome()::toString);
    }
    assertEquals("ok\n", sqlite3("PRAGMA integrity_check"));
    assertEquals("", sqlite3("PRAGMA foreign_key_check"));
  }

  private static void say(RunningProgram shell, String line) throws IOException {
    shell.stdin().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    shell.stdin().flush();
  }

  private String sqlite3(String sql) {
    ProgramOutcome outcome = Program.of("sqlite3", "-cmd", ".timeout 5000", file, sql).run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome.stdout();
  }
}
