package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.command.Version;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Packaging again, in a copy of the project.
class DistributionIT {

  @TempDir private Path folder;
  private Path project;

  /// Java does not notice that the program behind an AOT cache has changed, and would run the old
  /// code: the cache's name must.
  @Test
  void packaging_gives_the_same_bytes_and_after_a_change_the_new_code_runs() throws IOException {
    project = folder.resolve("a project");
    copyProject();
    assertTrue(packageAgain().stdout().contains("is up to date"));
    Program.of("rm", "-r", project.resolve("target/patronus")).run();
    assertTrue(packageAgain().stdout().contains("made in"));
    assertEquals(List.of(), differences());
    assertEquals("patronus " + Version.TEXT + "\n", version());

    replaceInClasses(Version.TEXT, "9.8.7");
    assertTrue(packageAgain().stdout().contains("made in"));
    assertEquals("patronus 9.8.7\n", version());
  }

  /// What differs from the package that was made in another folder. The AOT caches do: they keep
  /// the addresses of one run of the JVM.
  private List<String> differences() {
    ProgramOutcome compared =
        Program.of(
                "diff",
                "-rq",
                "--exclude=*.aot",
                "target/patronus",
                project.resolve("target/patronus"))
            .run();
    return compared.stdout().lines().toList();
  }

  private void copyProject() {
    for (String part :
        List.of(
            "src/dist",
            "src/build",
            "LICENSE",
            "man",
            "completions",
            "target/classes",
            "target/distribution",
            "target/patronus")) {
      Path copy = project.resolve(part);
      ProgramOutcome copied =
          Program.of("sh", "-c", "mkdir -p \"${2%/*}\" && cp -R \"$1\" \"$2\"", "sh", part, copy)
              .run();
      assertEquals(0, copied.exitCode(), copied::toString);
    }
  }

  private ProgramOutcome packageAgain() throws IOException {
    ProgramOutcome outcome =
        Program.of(
                Path.of(System.getProperty("java.home"), "bin/java"),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(),
                "src/build/java/Distribution.java")
            .in(project)
            .run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome;
  }

  /// The one that Maven gave to the packaging.
  private String classPath() throws IOException {
    return Files.readString(project.resolve("target/distribution/class-path"));
  }

  private String version() {
    Program program = Program.of(project.resolve("target/patronus/bin/patronus"), "--version");
    return program.env("PATRONUS_JAVA_OPTS", "-XX:AOTMode=on").run().stdout();
  }

  /// Another constant of the same length, which keeps a class file well formed.
  private void replaceInClasses(String was, String is) throws IOException {
    List<Path> classes;
    try (Stream<Path> files = Files.walk(project.resolve("target/classes/dev/patronus/cli"))) {
      classes = files.filter(file -> file.toString().endsWith(".class")).toList();
    }
    for (Path file : classes) {
      String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
      Files.writeString(file, bytes.replace(was, is), StandardCharsets.ISO_8859_1);
    }
  }
}
