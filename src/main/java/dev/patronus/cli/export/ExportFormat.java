package dev.patronus.cli.export;

import dev.patronus.output.Format;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/// Which format an export has where none was asked for: the one that the file's name ends in, else
/// CSV. The commands for people have tables; what is exported is read by programs.
public final class ExportFormat {
  private ExportFormat() {}

  /// Returns the format that the name of a file ends in, CSV for other names.
  ///
  /// @param file empty where the export goes to standard output
  public static Format forFile(Optional<Path> file) {
    String name = file.map(Path::toString).orElse("").toLowerCase(Locale.ROOT);
    if (name.endsWith(".gz")) {
      name = name.substring(0, name.length() - ".gz".length());
    }
    if (name.endsWith(".ndjson") || name.endsWith(".jsonl")) {
      return Format.NDJSON;
    }
    return name.endsWith(".json") ? Format.JSON : Format.CSV;
  }
}
