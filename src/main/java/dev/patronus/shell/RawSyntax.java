package dev.patronus.shell;

import java.util.List;

/// A language of its own that follows some command, and is taken as it stands, quotes and all.
public interface RawSyntax {

  /// Whether with this word behind those words, text begins that is taken as it stands.
  boolean begins(List<String> before, String word);

  /// Where what begins at `at` ends: a text in the language's quotes, a comment, or one character.
  int skipOne(String text, int at);
}
