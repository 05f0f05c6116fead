package dev.patronus.cli.option;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/// `--status`: only things with one of these statuses, the same for all lists.
///
/// Confined to the command's thread.
public final class StatusOption {
  private final String kind;
  private final List<String> known;
  private final Option<List<String>> status;

  /// @param kind what is listed, in words: `path`
  /// @param known the statuses that the platform writes
  public StatusOption(Command command, String kind, List<String> known) {
    this.kind = kind;
    this.known = known;
    this.status =
        command.options(
            "--status",
            "STATUS",
            text -> text,
            known,
            "only " + kind + "s with this status: " + words(known) + "; may be repeated");
  }

  private static String words(List<String> known) {
    int last = known.size() - 1;
    return String.join(", ", known.subList(0, last)) + " or " + known.get(last);
  }

  /// Whether a status is wanted, upper and lower case alike. One that the platform may invent
  /// tomorrow is no mistake where something has it.
  ///
  /// @param present the statuses of all things
  /// @throws UserError of usage, if one is neither known nor present
  public Predicate<String> filter(Collection<String> present) {
    List<String> wanted = status.or(List.of());
    for (String word : wanted) {
      if (!has(known, word) && !has(present, word)) {
        throw new UserError(
            ExitCode.USAGE,
            "unknown " + kind + " status '" + word + "'; " + EnumNames.instead(word, known));
      }
    }
    return text -> wanted.isEmpty() || has(wanted, text);
  }

  private static boolean has(Collection<String> words, String word) {
    return words.stream().anyMatch(word::equalsIgnoreCase);
  }
}
