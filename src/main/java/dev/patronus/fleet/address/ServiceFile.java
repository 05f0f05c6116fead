package dev.patronus.fleet.address;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A connection service file: sections of `name=value`
/// (postgresql.org/docs/current/libpq-pgservice.html).
final class ServiceFile {
  private ServiceFile() {}

  /// The values of a service, from the first file that has it.
  ///
  /// @throws UserError if none has it
  static Map<String, String> find(String service, Map<String, String> env, Path home) {
    List<Path> files = new ArrayList<>();
    if (env.containsKey("PGSERVICEFILE")) {
      files.add(Path.of(env.get("PGSERVICEFILE")));
    } else {
      files.add(home.resolve(".pg_service.conf"));
    }
    files.add(
        Path.of(env.getOrDefault("PGSYSCONFDIR", "/etc/postgresql-common"), "pg_service.conf"));
    for (Path file : files) {
      Optional<Map<String, String>> found = section(file, service);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new UserError(
        ExitCode.USAGE,
        "there is no service '" + service + "' in " + files.getFirst() + " or " + files.getLast());
  }

  private static Optional<Map<String, String>> section(Path file, String service) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    boolean inside = false;
    boolean found = false;
    for (String line : lines(file)) {
      String text = line.strip();
      if (text.startsWith("[") && text.endsWith("]")) {
        inside = text.equals("[" + service + "]");
        found |= inside;
      } else if (inside && !text.startsWith("#") && text.indexOf('=') > 0) {
        int equals = text.indexOf('=');
        values.put(text.substring(0, equals).strip(), text.substring(equals + 1).strip());
      }
    }
    return found ? Optional.of(values) : Optional.empty();
  }

  private static List<String> lines(Path file) {
    try {
      return SecretFile.lines(file);
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, "cannot read the service file " + file, e);
    }
  }
}
