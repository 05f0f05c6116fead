package dev.patronus.cli.option;

import dev.patronus.cli.command.Nearest;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The names of gateways that are meant by what was typed.
final class GatewayNames {
  private GatewayNames() {}

  /// Those of the names that are meant, in their order: all where nothing was typed.
  ///
  /// @param typed names, in which `*` stands for any characters and `?` for one
  /// @throws UserError if there is none of a name
  static List<String> matching(List<String> typed, List<String> names) {
    if (typed.isEmpty()) {
      return names;
    }
    Set<String> meant = new TreeSet<>();
    for (String each : typed) {
      List<String> found = found(each.strip(), names);
      if (found.isEmpty()) {
        throw notFound(each.strip(), names);
      }
      meant.addAll(found);
    }
    return names.stream().filter(meant::contains).toList();
  }

  private static List<String> found(String typed, List<String> names) {
    if (names.contains(typed)) {
      return List.of(typed);
    }
    Pattern pattern = Glob.pattern(typed);
    return names.stream().filter(name -> pattern.matcher(name).matches()).toList();
  }

  private static UserError notFound(String typed, List<String> names) {
    String others =
        names.isEmpty()
            ? "the hub has none"
            : "'patronus fleet status' shows " + Counted.existing(names.size());
    String next = Nearest.of(typed, names).map(Nearest::didYouMean).orElse(others);
    return new UserError(ExitCode.NOT_FOUND, "gateway '" + typed + "' not found; " + next);
  }
}
