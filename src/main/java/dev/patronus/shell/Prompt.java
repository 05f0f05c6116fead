package dev.patronus.shell;

import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/// What stands before the cursor: which database it is, and whether a daemon collects into it.
///
/// Immutable.
///
/// @param database the name of its file
/// @param presence how the daemon is
public record Prompt(String database, Presence presence) {
  private static final int LONGEST_NAME = 20;

  /// What is known of the daemon.
  public enum Presence {
    LIVE("live", AttributedStyle.GREEN),
    NO_DAEMON("no daemon", AttributedStyle.YELLOW),
    NO_DATABASE("no database", AttributedStyle.RED),
    UNKNOWN("?", AttributedStyle.YELLOW);

    private final String text;
    private final int colour;

    Presence(String text, int colour) {
      this.text = text;
      this.colour = colour;
    }
  }

  private String beginning() {
    return database.substring(0, database.offsetByCodePoints(0, LONGEST_NAME - 1));
  }

  AttributedString text(boolean colour) {
    AttributedStringBuilder text = new AttributedStringBuilder();
    String name = database.codePoints().count() > LONGEST_NAME ? beginning() + "~" : database;
    AttributedStyle plain = AttributedStyle.DEFAULT;
    text.styled(plain.bold(), name).append(' ');
    text.styled(colour ? plain.foreground(presence.colour) : plain, presence.text);
    return text.append("> ").toAttributedString();
  }
}
