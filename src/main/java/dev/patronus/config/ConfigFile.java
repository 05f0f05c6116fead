package dev.patronus.config;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.error.Utf8Lines;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A configuration file: lines of `key = value`, comments behind `#` at a line's start.
///
/// Immutable. A key may stand several times where it takes several values; elsewhere the last one
/// counts. Values may be quoted.
public final class ConfigFile {
  static final ConfigFile EMPTY = new ConfigFile(Path.of(""), Map.of());
  private static final long LARGEST = 1 << 20;

  /// A value, the line that it stands in, and the column of its first character, both from 1.
  public record Line(String value, int number, int column) {}

  private final Path path;
  private final Map<String, List<Line>> lines;

  private ConfigFile(Path path, Map<String, List<Line>> lines) {
    this.path = path;
    this.lines = lines;
  }

  static ConfigFile read(Path path) {
    try {
      if (Files.size(path) > LARGEST) {
        throw new UserError(ExitCode.USAGE, path + " is too large for a configuration file");
      }
      return parse(path, lines(path));
    } catch (NoSuchFileException e) {
      throw new UserError(ExitCode.USAGE, "there is no configuration file " + path, e);
    } catch (IOException e) {
      String reason = e instanceof AccessDeniedException ? "no permission" : e.getMessage();
      throw new UserError(
          ExitCode.USAGE, "cannot read the configuration file " + path + ": " + reason, e);
    }
  }

  private static List<String> lines(Path path) throws IOException {
    List<String> lines = new ArrayList<>();
    try (InputStream in = Files.newInputStream(path)) {
      Utf8Lines text = new Utf8Lines(path.toString(), in);
      for (String line = text.next(); line != null; line = text.next()) {
        lines.add(line);
      }
    }
    return lines;
  }

  static ConfigFile parse(Path path, List<String> text) {
    Map<String, List<Line>> lines = new LinkedHashMap<>();
    for (int i = 0; i < text.size(); i++) {
      String line = text.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      requireText(path, i + 1, line);
      int equals = line.indexOf('=');
      if (equals < 1) {
        throw new UserError(
            ExitCode.USAGE,
            path + " line " + (i + 1) + ": expected 'key = value', was '" + line + "'");
      }
      String key = line.substring(0, equals).strip();
      String value = line.substring(equals + 1).strip();
      int column = text.get(i).indexOf(value, text.get(i).indexOf('=') + 1) + 1;
      String unquoted = unquoted(value);
      int quote = unquoted.length() < value.length() ? 1 : 0;
      lines.merge(key, List.of(new Line(unquoted, i + 1, column + quote)), ConfigFile::both);
    }
    return new ConfigFile(path, lines);
  }

  /// No value has a control character: a path with NUL could not even be refused by its name.
  private static void requireText(Path path, int number, String line) {
    OptionalInt control =
        line.chars().filter(c -> Character.isISOControl(c) && c != '\t').findFirst();
    if (control.isPresent()) {
      throw new UserError(
          ExitCode.USAGE,
          "%s line %d: the control character U+%04X is not allowed"
              .formatted(path, number, control.getAsInt()));
    }
  }

  private static List<Line> both(List<Line> before, List<Line> after) {
    List<Line> both = new ArrayList<>(before);
    both.addAll(after);
    return List.copyOf(both);
  }

  private static String unquoted(String value) {
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  public Path path() {
    return path;
  }

  /// The last value of a key; empty if it does not stand there.
  public Optional<String> value(String key) {
    List<Line> values = lines.getOrDefault(key, List.of());
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast().value());
  }

  /// All values of a key, in order.
  public List<String> values(String key) {
    return lines.getOrDefault(key, List.of()).stream().map(Line::value).toList();
  }

  /// All keys with their lines, in order; for finding those that nobody knows.
  public Map<String, List<Line>> lines() {
    return lines;
  }
}
