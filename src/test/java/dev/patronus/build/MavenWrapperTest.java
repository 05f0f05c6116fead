package dev.patronus.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `mvnw` on machines that are poor in different ways: made of folders with tiny programs in them.
class MavenWrapperTest {

  @TempDir private Path machine;
  private Path wrapper;
  private Path bin;

  private static final List<String> TOOLS =
      List.of(
          "awk",
          "curl",
          "dirname",
          "gzip",
          "mkdir",
          "mktemp",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sha256sum",
          "tar");

  /// A machine with the usual tools; its only JDKs and Maven are those that a test puts there.
  @BeforeEach
  void a_machine_without_java() throws IOException {
    bin = Files.createDirectories(machine.resolve("bin"));
    for (String tool : TOOLS) {
      ProgramOutcome found = Program.of("/bin/sh", "-c", "command -v " + tool).run();
      if (found.exitCode() == 0) {
        executable(
            bin.resolve(tool), "#!/bin/sh\nexec %s \"$@\"\n".formatted(found.stdout().strip()));
      }
    }
    wrapper = Files.createDirectories(machine.resolve("the project")).resolve("mvnw");
    String text = Files.readString(Path.of("mvnw"));
    for (String folder : new String[] {"/usr/lib/jvm", "/usr/java", "/opt/java", "/Library/Java"}) {
      text = text.replace(folder + "/", machine + folder + "/");
    }
    executable(wrapper, text);
  }

  @Test
  void a_jdk_25_in_a_usual_folder_is_found_where_17_is_first_on_the_path() throws IOException {
    executable(bin.resolve("javac"), "#!/bin/sh\necho javac 17.0.15\n");
    jdk("usr/lib/jvm/temurin-17", "17.0.15");
    Path wanted = jdk("usr/lib/jvm/temurin-25", "25.0.3");
    maven("3.9.11");
    assertEquals("JAVA_HOME=" + wanted + "\n", wrapper("verify").run().stdout());
  }

  @Test
  void the_jdk_of_java_home_goes_first() throws IOException {
    jdk("usr/lib/jvm/a", "25");
    Path wanted = jdk("home of java", "25.0.1");
    maven("3.9.11");
    assertEquals(
        "JAVA_HOME=" + wanted + "\n", wrapper("verify").env("JAVA_HOME", wanted).run().stdout());
  }

  @Test
  void a_java_home_of_another_version_is_passed_over() throws IOException {
    Path old = jdk("old", "17.0.15");
    Path wanted = jdk(".sdkman/candidates/java/25-tem", "25");
    maven("3.9.11");
    assertEquals(
        "JAVA_HOME=" + wanted + "\n", wrapper("verify").env("JAVA_HOME", old).run().stdout());
  }

  @Test
  void a_jdk_without_a_release_file_is_asked_itself() throws IOException {
    Path wanted = jdk("usr/lib/jvm/bare", "25");
    Files.delete(wanted.resolve("release"));
    maven("3.9.11");
    assertEquals("JAVA_HOME=" + wanted + "\n", wrapper("verify").run().stdout());
  }

  @Test
  void one_sentence_says_that_there_is_no_jdk_25() throws IOException {
    jdk("usr/lib/jvm/temurin-17", "17.0.15");
    maven("3.9.11");
    complains(
        wrapper("verify").run(),
        "mvnw: no JDK 25 found in JAVA_HOME, on the path, in /usr/lib/jvm, SDKMAN's folder or"
            + " /Library/Java; install one, or set JAVA_HOME\n");
  }

  @Test
  void one_sentence_says_that_maven_is_too_old() throws IOException {
    jdk("usr/lib/jvm/temurin-25", "25");
    maven("3.6.3");
    complains(
        wrapper("verify").run(),
        "mvnw: no Maven 3.8 or newer on the path; install it, or set MVNW_REPOURL to a Maven"
            + " repository to fetch it from\n");
  }

  @Test
  void maven_comes_once_from_the_repository_that_is_named() throws IOException {
    Tools.require("curl");
    jdk("usr/lib/jvm/temurin-25", "25");
    maven("3.6.3");
    Path repository = repositoryWithMaven();
    Program wrapper = wrapper("one", "two words").env("MVNW_REPOURL", "file://" + repository);

    ProgramOutcome first = wrapper.run();
    assertEquals("fetched: one|two words\n", first.stdout(), first::toString);
    assertTrue(first.stderr().startsWith("mvnw: fetching Maven "), first::stderr);

    ProgramOutcome second = wrapper.run();
    assertEquals("fetched: one|two words\n", second.stdout(), second::toString);
    assertEquals("", second.stderr());
  }

  @Test
  void a_repository_without_maven_is_said_and_leaves_nothing_behind() throws IOException {
    Tools.require("curl");
    jdk("usr/lib/jvm/temurin-25", "25");
    ProgramOutcome outcome =
        wrapper("verify").env("MVNW_REPOURL", "file://" + machine.resolve("nowhere")).run();
    assertEquals(1, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.stderr().contains("is MVNW_REPOURL a Maven repository?"), outcome::stderr);
    try (var left = Files.list(machine.resolve(".m2/wrapper"))) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void the_build_starts_in_the_project_from_any_folder() throws IOException {
    jdk("usr/lib/jvm/temurin-25", "25");
    maven("3.9.11");
    executable(bin.resolve("mvn"), Files.readString(bin.resolve("mvn")) + "pwd\n");
    ProgramOutcome outcome = wrapper("verify").in(Path.of("/")).run();
    assertEquals(wrapper.getParent().toString(), outcome.lines().getLast(), outcome::toString);
  }

  private static void complains(ProgramOutcome outcome, String sentence) {
    assertEquals(1, outcome.exitCode(), outcome::toString);
    assertEquals(sentence, outcome.stderr());
    assertEquals("", outcome.stdout());
  }

  private Program wrapper(Object... arguments) {
    return Program.of(wrapper, arguments).env("PATH", bin).env("HOME", machine);
  }

  private Path jdk(String folder, String version) throws IOException {
    Path home = machine.resolve(folder);
    Files.createDirectories(home.resolve("bin"));
    executable(home.resolve("bin/javac"), "#!/bin/sh\necho javac " + version + "\n");
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  /// A Maven that knows its version, and otherwise says which Java it was given.
  private void maven(String version) throws IOException {
    executable(
        bin.resolve("mvn"),
        """
        #!/bin/sh
        [ "$1" = --version ] && printf '\\033[1mApache Maven %s\\033[m (abc)\\n' && exit
        echo "JAVA_HOME=$JAVA_HOME"
        """
            .formatted(version));
  }

  @Test
  void an_archive_with_another_checksum_is_refused_and_leaves_nothing_behind() throws IOException {
    Tools.require("curl");
    jdk("usr/lib/jvm/temurin-25", "25");
    String released = Files.readString(wrapper);
    Path repository = repositoryWithMaven();
    executable(wrapper, released);
    ProgramOutcome outcome = wrapper("verify").env("MVNW_REPOURL", "file://" + repository).run();
    assertEquals(1, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.stderr().contains(" as it was released: its checksum is "), outcome::stderr);
    try (var left = Files.list(machine.resolve(".m2/wrapper"))) {
      assertEquals(0, left.count());
    }
  }

  /// A repository with an archive of its own, whose checksum the wrapper is given.
  private Path repositoryWithMaven() throws IOException {
    String name = "apache-maven-" + versionOfTheWrapper();
    executable(
        machine.resolve(name + "/bin/mvn"),
        "#!/bin/sh\nprintf 'fetched: '; IFS='|'; echo \"$*\"\n");
    Path repository = machine.resolve("repository");
    Path folder = repository.resolve("org/apache/maven/apache-maven/" + versionOfTheWrapper());
    Files.createDirectories(folder);
    Program tar = Program.of("tar", "-czf", folder.resolve(name + "-bin.tar.gz"), name);
    ProgramOutcome packed = tar.in(machine).run();
    assertEquals(0, packed.exitCode(), packed::toString);
    String sum =
        Program.of("sha256sum", folder.resolve(name + "-bin.tar.gz"))
            .run()
            .stdout()
            .split(" ", 2)[0];
    executable(
        wrapper, Files.readString(wrapper).replaceFirst("maven_sha256=.*", "maven_sha256=" + sum));
    return repository;
  }

  private static String versionOfTheWrapper() throws IOException {
    return Files.readString(Path.of("mvnw"))
        .lines()
        .filter(line -> line.startsWith("maven_version="))
        .map(line -> line.substring("maven_version=".length()))
        .findFirst()
        .orElseThrow();
  }

  private static void executable(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertTrue(file.toFile().setExecutable(true));
  }
}
