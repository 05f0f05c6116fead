package dev.patronus.output.html;

import dev.patronus.output.text.HumanFormat;
import java.io.IOException;
import java.io.Writer;

/// Writes HTML: what is markup as it is, and what is text so that it cannot be markup.
///
/// Confined to one thread. It does not own the writer.
final class Markup {
  private final Writer out;

  Markup(Writer out) {
    this.out = out;
  }

  /// Writes markup.
  Markup raw(String markup) throws IOException {
    out.write(markup);
    return this;
  }

  /// Writes text: of names that somebody else chose, too.
  Markup text(String text) throws IOException {
    return raw(escaped(text));
  }

  /// An element that holds nothing but text.
  Markup element(String name, String text) throws IOException {
    return raw("<" + name + ">").text(text).raw("</" + name + ">\n");
  }

  /// The text with all that HTML takes for markup, in content and in attributes, written as
  /// references, and control characters made visible (HTML, 13.1.4).
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    String visible = HumanFormat.visible(text);
    for (int i = 0; i < visible.length(); i++) {
      char c = visible.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
