package dev.patronus.cli.option;

import dev.patronus.cli.command.Nearest;
import dev.patronus.config.ConfigFile;
import dev.patronus.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// A key of the configuration file, or a variable of the environment, that nothing reads.
///
/// @param next what may have been meant
public record UnknownKey(String message, String next) {

  /// Those of the file, then those of the environment, in order.
  public static List<UnknownKey> in(Settings settings) {
    ConfigFile file = settings.file();
    Set<String> known = new TreeSet<>(Settings.KEYS);
    List<UnknownKey> unknown = new ArrayList<>();
    file.lines()
        .forEach((key, lines) -> {
          if (!known.contains(key)) {
            int number = lines.getFirst().number();
            unknown.add(
                new UnknownKey(
                    file.path() + " line " + number + ": unknown key '" + key + "'",
                    next(key, known)));
          }
        });
    for (String name : settings.unknownVariables()) {
      unknown.add(new UnknownKey("unknown variable " + name, next(name, Settings.variables())));
    }
    return unknown;
  }

  private static String next(String key, Set<String> known) {
    String near = Nearest.of(key, known);
    return near == null ? "there are " + String.join(", ", known) : "did you mean '" + near + "'?";
  }
}
