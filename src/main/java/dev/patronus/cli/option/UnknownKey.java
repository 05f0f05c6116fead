package dev.patronus.cli.option;

import dev.patronus.cli.command.Nearest;
import dev.patronus.config.ConfigFile;
import dev.patronus.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// A key of the configuration file, or a variable of the environment, that nothing reads.
///
/// @param next what may have been meant
/// @param mistake whether it was meant for this program for sure: it stands in its file, or is a
///   variable whose name is nearly that of one that is read
public record UnknownKey(String message, String next, boolean mistake) {

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
                    next(key, known),
                    true));
          }
        });
    for (String name : settings.unknownVariables()) {
      Optional<String> near = nearest(name);
      String next = near.map(Nearest::didYouMean).orElse("nothing reads it");
      unknown.add(new UnknownKey("unknown variable " + name, next, near.isPresent()));
    }
    return unknown;
  }

  /// The variable whose name is nearest behind the prefix that all have, or begins with this name
  /// (`PATRONUS_DB`); empty if none is near.
  private static Optional<String> nearest(String name) {
    Map<String, String> byEnding = new TreeMap<>();
    Settings.variables().forEach(known -> byEnding.put(ending(known), known));
    return Settings.variables().stream()
        .filter(known -> known.startsWith(name + "_"))
        .findFirst()
        .or(() -> Nearest.of(ending(name), byEnding.keySet()).map(byEnding::get));
  }

  private static String ending(String variable) {
    return variable.substring(Settings.PREFIX.length());
  }

  /// The message and what may have been meant, in one line.
  public String text() {
    return message + "; " + next;
  }

  private static String next(String key, Set<String> known) {
    return Nearest.of(key, known)
        .map(Nearest::didYouMean)
        .orElseGet(() -> "there are " + String.join(", ", known));
  }
}
