package dev.patronus.shell;

/// A piece of a typed line, and where it stands.
///
/// Immutable.
///
/// @param text what it means, without quotes and escapes
/// @param start where its first character stands, quotes included
/// @param end where the character after it stands
/// @param quote the quote that is still open at its end; 0 if none is
record Token(Kind kind, String text, int start, int end, char quote) {

  enum Kind {
    WORD,
    /// A word of which a part stands in quotes.
    QUOTED,
    /// Text in a language of its own.
    VERBATIM,
    BAR;

    boolean isWord() {
      return this != BAR;
    }
  }
}
