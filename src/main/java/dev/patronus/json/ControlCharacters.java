package dev.patronus.json;

/// Characters that are no text, but drive whatever shows it: the controls C0 and C1 (ECMA-48),
/// those that turn the direction of writing (Unicode Standard Annex 9), and the separators of lines
/// and paragraphs.
public final class ControlCharacters {
  private ControlCharacters() {}

  public static boolean includes(char c) {
    return c < ' '
        || (c >= 0x7f && c < 0xa0)
        || (c >= '\u202a' && c <= '\u202e')
        || (c >= '\u2066' && c <= '\u2069')
        || c == '\u2028'
        || c == '\u2029';
  }
}
