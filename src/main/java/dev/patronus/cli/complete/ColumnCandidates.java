package dev.patronus.cli.complete;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The columns of the table of each command, as its CSV names them; from a resource, since most
/// tables are made of what is read.
public final class ColumnCandidates {
  /// A line for each command: its name, an equals sign, and its columns.
  public static final String RESOURCE = "/dev/patronus/cli/completion/columns.txt";

  private ColumnCandidates() {}

  /// The columns of a command; none where it has no table.
  ///
  /// @param command its whole name: `patronus path list`
  static List<String> of(String command) {
    String name = command.substring(command.indexOf(' ') + 1) + " = ";
    try (InputStream resource = ColumnCandidates.class.getResourceAsStream(RESOURCE);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(resource, StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> line.startsWith(name))
          .findFirst()
          .map(line -> List.of(line.substring(name.length()).split(" ", -1)))
          .orElse(List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
