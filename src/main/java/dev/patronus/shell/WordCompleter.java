package dev.patronus.shell;

import dev.patronus.shell.Commands.Suggestion;
import java.util.ArrayList;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jline.utils.AttributedString;

/// What Tab offers.
///
/// Confined to the shell's thread.
final class WordCompleter implements Completer {
  /// Leaves room for a UUID beside it on a screen of 80 columns.
  private static final int LONGEST_WORD = 40;

  private static final int LONGEST_DESCRIPTION = 60;
  private static final List<Suggestion> STAGES =
      List.of(
          new Suggestion("include", "only rows that contain a text"),
          new Suggestion("exclude", "only rows that do not contain it"),
          new Suggestion("count", "the number of rows"),
          new Suggestion("json", "as a JSON document"));
  private static final Suggestion EXIT = new Suggestion("exit", "Leave the shell.");

  private final Commands commands;

  WordCompleter(Commands commands) {
    this.commands = commands;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    int order = candidates.size();
    for (Suggestion each : suggestions((CursorLine) line)) {
      String shown = cut(each.word(), LONGEST_WORD);
      String description =
          each.description().isEmpty() ? null : cut(each.description(), LONGEST_DESCRIPTION);
      candidates.add(
          new Candidate(each.word(), shown, null, description, null, null, ends(each), order++));
    }
  }

  /// A blank follows, unless the word goes on: `--limit=`.
  private static boolean ends(Suggestion suggestion) {
    return !suggestion.word().endsWith("=") && !suggestion.word().endsWith("/");
  }

  /// As much of a text as a list has room for, in character cells.
  private static String cut(String text, int longest) {
    AttributedString whole = new AttributedString(text);
    return whole.columnLength() > longest ? whole.columnSubSequence(0, longest - 1) + "…" : text;
  }

  private List<Suggestion> suggestions(CursorLine line) {
    if (line.at().kind() == Token.Kind.VERBATIM) {
      return List.of();
    }
    if (line.stage()) {
      return line.before().isEmpty() ? STAGES : List.of();
    }
    List<String> before = new ArrayList<>(line.before());
    before.add(line.word());
    List<Suggestion> suggestions = new ArrayList<>(commands.suggestions(before));
    if (line.before().isEmpty() && EXIT.word().startsWith(line.word())) {
      suggestions.add(EXIT);
    }
    return suggestions;
  }
}
