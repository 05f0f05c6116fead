package dev.patronus.output.text;

/// Words that are broken into lines before the screen's edge, indented from the second line on.
///
/// Confined to one thread. A word that is longer than a line is broken where the line ends; blanks
/// between words stay as they are, but at the end of a line.
public final class Paragraph {
  private static final int LEAST_ROOM = 8;

  private final StringBuilder text = new StringBuilder();
  private final int width;
  private final int indent;
  private int at;

  /// @param width the columns of a line; 0 where nothing limits them
  /// @param indent the columns before the second and all later lines; none where little would be
  ///   left
  public Paragraph(int width, int indent) {
    this.width = width <= 0 ? Integer.MAX_VALUE : width;
    this.indent = this.width - indent < LEAST_ROOM ? 0 : indent;
  }

  /// Puts a styled word of the indented part, and blanks after it.
  public Paragraph lead(String styled, int blanks) {
    text.append(styled).append(" ".repeat(Math.max(1, blanks)));
    at = indent;
    return this;
  }

  public Paragraph words(String words) {
    boolean first = true;
    for (String word : words.split(" ", -1)) {
      int length = DisplayWidth.of(word);
      if (!first && at + 1 + length > width && at > indent) {
        trimEnd();
        line();
      } else if (!first) {
        text.append(' ');
        at++;
      }
      word(word, length);
      first = false;
    }
    return this;
  }

  private void word(String word, int length) {
    String rest = word;
    int left = length;
    while (left > 0 && at + left > width) {
      String piece = DisplayWidth.beginning(rest, width - at);
      if (piece.isEmpty() && at <= indent) {
        break;
      }
      text.append(piece);
      rest = rest.substring(piece.length());
      left -= DisplayWidth.of(piece);
      line();
    }
    text.append(rest);
    at += left;
  }

  private void trimEnd() {
    while (!text.isEmpty() && text.charAt(text.length() - 1) == ' ') {
      text.setLength(text.length() - 1);
    }
  }

  /// Begins a line.
  public Paragraph line() {
    text.append('\n').append(" ".repeat(indent));
    at = indent;
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
