package dev.patronus.cli.help;

import dev.patronus.cli.command.Version;
import java.util.Locale;

/// A manual page in the making, in the language of man(7).
///
/// Confined to one thread.
final class Roff {
  private static final String DATE = "2026-11-26";

  private final StringBuilder page = new StringBuilder();

  /// Whether a text would still belong to the last item.
  private boolean inItem;

  /// @param chapter of the manual: `1` for commands, `5` for files
  Roff(String name, int chapter) {
    raw(
        ".TH "
            + name.toUpperCase(Locale.ROOT)
            + " "
            + chapter
            + " "
            + DATE
            + " \"patronus "
            + Version.TEXT
            + "\"");
  }

  void section(String title) {
    raw(".SH " + title);
  }

  /// The line that apropos(1) searches.
  void summary(String name, String text) {
    raw(escape(name) + " \\- " + escape(text));
  }

  /// Words, whatever characters they begin with; a paragraph of its own after an item.
  void text(String text) {
    if (inItem) {
      paragraph();
    }
    raw(escape(text));
  }

  void paragraph() {
    raw(".PP");
  }

  /// A term, and what it means below it.
  void item(String term, String... text) {
    raw(".TP");
    bold(term);
    raw(escape(String.join(" ", text)));
    inItem = true;
  }

  void bold(String text) {
    raw(".B " + escape(text));
  }

  /// Another page, and what it is about.
  void page(String name, String text) {
    raw(".TP");
    raw(".BR " + escape(name) + " (1)");
    raw(escape(text));
    inItem = true;
  }

  /// Lines that stay as they are.
  void lines(String lines) {
    raw(".nf");
    lines.lines().forEach(line -> raw(escape(line)));
    raw(".fi");
  }

  private void raw(String line) {
    inItem = false;
    page.append(line).append('\n');
  }

  /// Text as it is meant, whatever characters it begins with (groff_char(7)).
  private static String escape(String text) {
    String escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("\"", "\\(dq");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }

  @Override
  public String toString() {
    return page.toString();
  }
}
