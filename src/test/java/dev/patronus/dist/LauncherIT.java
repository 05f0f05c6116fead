package dev.patronus.dist;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.command.Version;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `bin/patronus`: from where it starts, with which Java, and that nothing else is printed.
class LauncherIT {

  private static final String VERSION = "patronus " + Version.TEXT + "\n";

  @TempDir private Path folder;

  private static void saysItsVersion(Program program) {
    ProgramOutcome outcome = program.run();
    assertEquals(VERSION, outcome.stdout(), outcome::toString);
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitCode());
  }

  @Test
  void a_locale_without_letters_loses_no_name() throws Exception {
    Path away = Files.createDirectory(folder.resolve("Ümläut"));
    try (PlatformDatabase database = PlatformDatabase.create(away, PlatformDatabase.Age.NEWEST)) {
      database.site("aa", "日本");
      ProgramOutcome outcome =
          Program.patronus("site", "show", "日本", "--db", database.file()).env("LC_ALL", "C").run();
      assertEquals(0, outcome.exitCode(), outcome::toString);
      assertTrue(outcome.stdout().contains("日本"), outcome::toString);
    }
  }

  @Test
  void it_starts_from_any_folder() {
    saysItsVersion(Program.patronus("--version").in(folder));
  }

  @Test
  void it_starts_by_a_relative_path() {
    saysItsVersion(Program.of("../bin/patronus", "--version").in(Program.home().resolve("lib")));
    saysItsVersion(Program.of("./patronus", "--version").in(Program.home().resolve("bin")));
    saysItsVersion(Program.of("sh", "patronus", "--version").in(Program.home().resolve("bin")));
  }

  @Test
  void it_starts_through_links_absolute_relative_and_chained() throws IOException {
    Path deep = Files.createDirectories(folder.resolve("a/b"));
    Path first = Files.createSymbolicLink(folder.resolve("first"), Program.home().resolve("bin"));
    Files.createSymbolicLink(deep.resolve("second"), Path.of("../../first/patronus"));
    Path third = Files.createSymbolicLink(folder.resolve("a link"), Path.of("a/b/second"));
    saysItsVersion(Program.of(first.resolve("patronus"), "--version"));
    saysItsVersion(Program.of(third, "--version"));
    saysItsVersion(Program.of("./a link", "--version").in(folder));
    Files.delete(first);
  }

  @Test
  void it_starts_by_its_name_on_the_path() {
    String path = Program.home().resolve("bin") + ":/usr/bin:/bin";
    saysItsVersion(Program.of("sh", "-c", "patronus --version").env("PATH", path));
  }

  @Test
  void it_starts_in_a_folder_with_a_blank_and_uses_its_caches_there() throws IOException {
    PackageCopy moved = PackageCopy.copiedTo(folder.resolve("opt/my tools/patronus"));
    saysItsVersion(moved.patronus("--version").env("PATRONUS_JAVA_OPTS", "-XX:AOTMode=on"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"})
  void options_that_are_meant_for_other_programs_change_and_print_nothing(String variable) {
    saysItsVersion(Program.patronus("--version").env(variable, "-XX:+PrintFlagsFinal"));
  }

  @Test
  void options_that_are_meant_for_it_arrive_each_by_itself() {
    ProgramOutcome outcome =
        Program.patronus("--version")
            .env("PATRONUS_JAVA_OPTS", "-Da=b -Xlog:arguments=info:stdout")
            .run();
    assertTrue(outcome.stdout().contains("-Da=b -Xlog"), outcome::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stats", "policy", "db", "daemon"})
  void the_cache_is_used_by_every_profile(String command) {
    ProgramOutcome outcome =
        Program.patronus(command, "--help").env("PATRONUS_JAVA_OPTS", "-XX:AOTMode=on").run();
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitCode(), outcome::toString);
  }

  /// A class that is read from the image, or written at run time as for a switch over types, costs
  /// a millisecond or two.
  @Test
  void every_class_that_stats_needs_comes_from_the_cache() throws Exception {
    ProgramOutcome outcome =
        Program.patronus("stats", "--db", database())
            .env("PATRONUS_JAVA_OPTS", "-Xlog:class+load=info:stdout")
            .run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    assertEquals(
        "",
        outcome.lines().stream()
            .filter(line -> line.contains(" source: "))
            .filter(line -> !line.endsWith("source: shared objects file"))
            .collect(joining("\n")));
  }

  @Test
  void a_lost_or_spoilt_cache_costs_time_but_no_word() throws IOException {
    PackageCopy broken = PackageCopy.copiedTo(folder.resolve("broken"));
    for (Path cache : broken.caches()) {
      Files.writeString(cache, "spoilt");
    }
    saysItsVersion(broken.patronus("--version"));
    for (Path cache : broken.caches()) {
      Files.delete(cache);
    }
    saysItsVersion(broken.patronus("--version"));
  }

  @Test
  void without_its_run_time_it_takes_the_java_25_that_it_finds() throws IOException {
    PackageCopy slim = PackageCopy.copiedTo(folder.resolve("slim tools")).withoutRunTime();
    saysItsVersion(slim.patronus("--version").env("JAVA_HOME", System.getProperty("java.home")));
  }

  @Test
  void without_any_java_25_it_says_so_in_one_sentence() throws IOException {
    PackageCopy slim = PackageCopy.copiedTo(folder.resolve("slim")).withoutRunTime();
    for (String jdks : new String[] {"/usr/lib/jvm", "/usr/java", "/opt/java", "/Library"}) {
      slim.edit(" " + jdks + "/", " /nowhere/");
    }
    executable("old/bin/java", "#!/bin/sh\necho 'Java 17 was started'\n");
    Files.writeString(folder.resolve("old/release"), "JAVA_VERSION=\"17.0.15\"\n");
    executable("bin/readlink", "#!/bin/sh\nPATH=/usr/bin:/bin exec readlink \"$@\"\n");
    ProgramOutcome outcome =
        slim.patronus("--version")
            .env("PATH", folder.resolve("old/bin") + ":" + folder.resolve("bin"))
            .env("JAVA_HOME", folder.resolve("old"))
            .run();
    assertEquals(
        "patronus: no Java 25 found next to this program, in JAVA_HOME, on the PATH or in"
            + " /usr/lib/jvm; install one, or set JAVA_HOME\n",
        outcome.stderr());
    assertEquals("", outcome.stdout());
    assertEquals(1, outcome.exitCode());
  }

  private void executable(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertTrue(file.toFile().setExecutable(true));
  }

  /// A file that is made and removed again leaves its mark too: the folder's time of change. The
  /// program is seen under another path, since the project itself may lie in the temporary folder.
  @Test
  void nothing_is_written_to_the_temporary_folder() throws Exception {
    Tools.require("unshare");
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    FileTime untouched = FileTime.fromMillis(0);
    Files.setLastModifiedTime(temporary, untouched);
    Path project = Path.of("").toAbsolutePath();
    ProgramOutcome outcome =
        Program.of(
                "unshare",
                "--mount",
                "sh",
                "-ec",
                """
                mount --bind "$1" /mnt
                mount --bind "$2" /tmp
                exec "/mnt/$3/bin/patronus" stats --db "/mnt/$4"
                """,
                "sh",
                project,
                temporary,
                project.relativize(Program.home()),
                project.relativize(database()))
            .run();
    boolean isAllowed = !outcome.stderr().matches("(?s)(unshare|mount):.*");
    Tools.requireKernel(isAllowed, "right to make a mount namespace: " + outcome.stderr().strip());
    assertEquals(0, outcome.exitCode(), outcome::toString);
    assertEquals(untouched, Files.getLastModifiedTime(temporary));
  }

  private Path database() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)) {
      return database.file();
    }
  }
}
