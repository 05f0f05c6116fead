package dev.patronus.shell;

import dev.patronus.error.ExitCode;
import java.util.List;

/// The commands as the shell sees them: it types, somebody runs.
///
/// Called on the shell's thread. While [#run] is at work, an interrupt of the thread asks it to
/// end.
public interface Commands extends RawSyntax {

  /// A word that could come next.
  ///
  /// @param description what it is, in a few words; empty where it says so itself
  record Suggestion(String word, String description) {}

  /// What a word is, for its colour.
  enum Meaning {
    COMMAND,
    OPTION,
    /// A value, or something that may become a command when it is typed to its end.
    VALUE,
    /// No command, no option.
    UNKNOWN
  }

  /// Runs a command; what it has to say, its errors included, is said when it is back.
  ExitCode run(TypedLine line);

  /// Says something to the person beside the answers.
  void say(String message);

  /// The screen has this size from now on.
  void resize(int columns, int lines);

  /// What could stand in place of the last word, which is being typed and may be empty.
  List<Suggestion> suggestions(List<String> words);

  /// What this word is behind those words.
  Meaning meaning(List<String> before, String word);

  /// What comes next behind these words, in a few words; empty if nothing does.
  String hint(List<String> words);
}
