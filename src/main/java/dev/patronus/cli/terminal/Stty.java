package dev.patronus.cli.terminal;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How the process' own terminal is asked and set: by stty(1), which knows what the JDK does not.
public final class Stty {
  private Stty() {}

  /// What it answers to these words; empty if there is no terminal, or nothing was answered.
  public static Optional<String> run(String... words) {
    Path program = SystemProgram.find("stty").orElse(null);
    if (program == null) {
      return Optional.empty();
    }
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(words));
    ProcessBuilder stty =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/tty"))
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    stty.environment().clear();
    try {
      Process process = stty.start();
      try (InputStream out = process.getInputStream()) {
        String answer = new String(out.readAllBytes(), StandardCharsets.US_ASCII).strip();
        return answer.isEmpty() ? Optional.empty() : Optional.of(answer);
      }
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
