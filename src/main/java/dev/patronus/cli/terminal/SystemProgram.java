package dev.patronus.cli.terminal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds programs of the system where the system keeps them, whatever `PATH` says: what root starts
/// must not be chosen by somebody else's environment.
public final class SystemProgram {
  private SystemProgram() {}

  /// The program's absolute path; empty if the system has none of that name.
  public static Optional<Path> find(String name) {
    return Stream.of("/usr/bin", "/bin", "/run/current-system/sw/bin")
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
