package dev.patronus.shell;

import java.util.List;
import org.jline.reader.CompletingParsedLine;

/// A typed line with the cursor in it, as the line editor's completion sees it.
///
/// Immutable.
///
/// @param before the words of the same part that stand before the one at the cursor
/// @param stage whether the cursor stands behind a bar
/// @param at the word at the cursor; one without text where there is none
/// @param wordCursor how far the cursor stands within the word's text
record CursorLine(
    String line, int cursor, List<String> before, boolean stage, Token at, int wordCursor)
    implements CompletingParsedLine {

  static CursorLine read(String text, int cursor, RawSyntax verbatim) {
    TypedLine upTo = TypedLine.read(text.substring(0, cursor), verbatim);
    List<String> part = upTo.parts().getLast();
    boolean stage = upTo.parts().size() > 1;
    Token last = upTo.isEmpty() ? null : upTo.tokens().getLast();
    if (last == null || !last.kind().isWord() || last.end() != cursor) {
      return new CursorLine(text, cursor, part, stage, empty(cursor), 0);
    }
    List<String> before = part.subList(0, part.size() - 1);
    return new CursorLine(text, cursor, before, stage, last, last.text().length());
  }

  private static Token empty(int cursor) {
    return new Token(Token.Kind.WORD, "", cursor, cursor, '\0');
  }

  @Override
  public String word() {
    return at.text();
  }

  @Override
  public int wordIndex() {
    return before.size();
  }

  @Override
  public List<String> words() {
    return java.util.stream.Stream.concat(before.stream(), java.util.stream.Stream.of(word()))
        .toList();
  }

  @Override
  public int rawWordCursor() {
    return cursor - at.start();
  }

  @Override
  public int rawWordLength() {
    return cursor - at.start();
  }

  /// The candidate as it is typed: in the quotes that are open, else with backslashes.
  @Override
  public CharSequence escape(CharSequence candidate, boolean complete) {
    String text = candidate.toString();
    return switch (at.quote()) {
      case '\'' -> "'" + text.replace("'", "'\\''") + (complete ? "'" : "");
      case '"' -> "\"" + text.replaceAll("[\"\\\\$`]", "\\\\$0") + (complete ? "\"" : "");
      default -> text.replaceAll("[\\s|'\"\\\\]|^#", "\\\\$0");
    };
  }
}
