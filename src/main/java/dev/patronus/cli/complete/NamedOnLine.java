package dev.patronus.cli.complete;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What the line that is being typed itself names: the database and the hub whose names complete
/// it; empty for those of the settings.
public record NamedOnLine(Optional<Path> database, Optional<String> hub) {
  /// Reads it from the words.
  public static NamedOnLine of(List<String> words) {
    return new NamedOnLine(value(words, "--db").map(Path::of), value(words, "--hub"));
  }

  private static Optional<String> value(List<String> words, String option) {
    for (int i = 0; i + 1 < words.size(); i++) {
      if (words.get(i).equals(option)) {
        return Optional.of(words.get(i + 1));
      }
      if (words.get(i).startsWith(option + "=")) {
        return Optional.of(words.get(i).substring(option.length() + 1));
      }
    }
    return Optional.empty();
  }
}
