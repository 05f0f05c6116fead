package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A copy of the packaged program somewhere else, for tests that break it.
record PackageCopy(Path home) {

  static PackageCopy copiedTo(Path home) throws IOException {
    Files.createDirectories(home.getParent());
    ProgramOutcome copied = Program.of("cp", "-R", Program.home(), home).run();
    assertEquals(0, copied.exitCode(), copied::toString);
    return new PackageCopy(home);
  }

  Path launcher() {
    return home.resolve("bin/patronus");
  }

  Program patronus(Object... arguments) {
    return Program.of(launcher(), arguments);
  }

  List<Path> caches() throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("lib"))) {
      return files.filter(file -> file.toString().endsWith(".aot")).toList();
    }
  }

  /// Leaves the program without its own run time, as in a slim package.
  PackageCopy withoutRunTime() throws IOException {
    Files.move(home.resolve("runtime"), home.resolve("no runtime"));
    return this;
  }

  /// Changes the launcher's text, to put another machine under it.
  void edit(String was, String is) throws IOException {
    Files.writeString(launcher(), Files.readString(launcher()).replace(was, is));
  }
}
