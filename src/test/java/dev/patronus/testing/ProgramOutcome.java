package dev.patronus.testing;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// What a program left: its exit code (128 + n after signal n) and all that it printed.
public final class ProgramOutcome {

  private final List<String> words;
  private final int exitCode;
  private final byte[] stdout;
  private final byte[] stderr;

  ProgramOutcome(List<String> words, int exitCode, byte[] stdout, byte[] stderr) {
    this.words = words;
    this.exitCode = exitCode;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  public int exitCode() {
    return exitCode;
  }

  public String stdout() {
    return new String(stdout, StandardCharsets.UTF_8);
  }

  /// Standard output as it was, for what is no text.
  public byte[] stdoutBytes() {
    return stdout.clone();
  }

  public String stderr() {
    return new String(stderr, StandardCharsets.UTF_8);
  }

  public List<String> lines() {
    return stdout().lines().toList();
  }

  /// For the message of a failed assertion.
  @Override
  public String toString() {
    return "$ %s%nexit code %d%nstdout:%n%s%nstderr:%n%s"
        .formatted(String.join(" ", words), exitCode, stdout(), stderr());
  }
}
