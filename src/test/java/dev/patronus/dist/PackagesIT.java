package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.command.Version;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `src/debian/build` makes of the packaged program.
class PackagesIT {
  @TempDir private static Path folder;

  @BeforeAll
  static void build() {
    Tools.require("dpkg-deb");
    run(Path.of(""), "src/debian/build", "--compression", "gzip", "--into", folder);
  }

  private static String run(Path in, Object command, Object... arguments) {
    ProgramOutcome outcome = Program.of(command, arguments).in(in.toAbsolutePath()).run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome.stdout() + outcome.stderr();
  }

  private static String sh(String line) {
    return run(folder, "sh", "-c", line);
  }

  @Test
  void lintian_finds_no_fault_in_the_debian_package() {
    Tools.require("lintian");
    assertEquals("", sh("lintian --fail-on none --allow-root ./*.deb"));
  }

  @Test
  void built_again_it_has_the_same_bytes() {
    run(
        Path.of(""),
        "src/debian/build",
        "--compression",
        "gzip",
        "--only",
        "deb",
        "--into",
        folder.resolve("again"));
    assertEquals("", sh("cmp ./*.deb again/*.deb"));
  }

  @Test
  void the_checksums_are_those_of_package_archive_and_bill_of_materials() {
    assertEquals(3, sh("sha256sum -c ./*.sha256").lines().filter(l -> l.endsWith(": OK")).count());
  }

  @Test
  void the_archive_has_the_program_its_licences_and_its_unit() {
    String names = sh("tar -tzf ./*.tar.gz");
    for (String name :
        new String[] {"bin/patronus", "legal/bom.json", "LICENSE", "systemd/patronus.service"}) {
      String whole = "patronus-" + Version.TEXT + "/" + name + "\n";
      assertTrue(names.contains(whole), whole);
    }
  }
}
