package dev.patronus.shell;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.util.List;
import java.util.Locale;

/// What happens to an answer behind a bar: `| include TEXT`.
public sealed interface PipeFilter {
  /// The words that a stage begins with.
  List<String> NAMES = List.of("include", "exclude", "count", "json");

  /// Only rows in which the text occurs, or only the others; in whatever case.
  record Include(String text, boolean wanted) implements PipeFilter {}

  /// How many rows there are.
  record Count() implements PipeFilter {}

  /// As a JSON document.
  record Json() implements PipeFilter {}

  /// The stage that these words name.
  ///
  /// @throws UserError if they name none
  static PipeFilter of(List<String> words) {
    String name = words.isEmpty() ? "" : words.getFirst().toLowerCase(Locale.ROOT);
    String rest = String.join(" ", words.subList(Math.min(1, words.size()), words.size()));
    return switch (name) {
      case "include" -> new Include(required(rest, name), true);
      case "exclude" -> new Include(required(rest, name), false);
      case "count" -> alone(rest, name, new Count());
      case "json" -> alone(rest, name, new Json());
      case "" ->
          throw usage(
              "there is no filter after the '|'; try include TEXT, exclude TEXT, count," + " json");
      default ->
          throw usage(
              "unknown '| "
                  + name
                  + "'; try include TEXT, exclude TEXT, count, json; quote a '|' that"
                  + " is part of a word");
    };
  }

  private static String required(String rest, String name) {
    if (rest.isEmpty()) {
      throw usage("'| " + name + "' needs a search text");
    }
    return rest;
  }

  private static PipeFilter alone(String rest, String name, PipeFilter stage) {
    if (!rest.isEmpty()) {
      throw usage("'| " + name + "' takes no argument, was '" + rest + "'");
    }
    return stage;
  }

  private static UserError usage(String message) {
    return new UserError(ExitCode.USAGE, message);
  }
}
