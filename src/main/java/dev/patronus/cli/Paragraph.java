package dev.patronus.cli;

import dev.patronus.export.DisplayWidth;

/// Words that are broken into lines before the screen's edge, indented from the second line on.
///
/// Confined to one thread. A word that is longer than a line is not broken.
final class Paragraph {
  private final StringBuilder text = new StringBuilder();
  private final int width;
  private final int indent;
  private int at;

  Paragraph(int width, int indent) {
    this.width = width;
    this.indent = indent;
  }

  /// Puts a styled word of the indented part, and blanks after it.
  void lead(String styled, int blanks) {
    text.append(styled).append(" ".repeat(Math.max(1, blanks)));
    at = indent;
  }

  void words(String words) {
    boolean first = true;
    for (String word : words.split(" ", -1)) {
      int length = DisplayWidth.of(word);
      if (!first && at + 1 + length > width) {
        line();
      } else if (!first) {
        text.append(' ');
        at++;
      }
      text.append(word);
      at += length;
      first = false;
    }
  }

  /// Begins a line.
  void line() {
    text.append('\n').append(" ".repeat(indent));
    at = indent;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
