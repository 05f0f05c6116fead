package dev.patronus.shell;

import dev.patronus.shell.Commands.Meaning;
import java.util.ArrayList;
import java.util.List;
import org.jline.reader.Highlighter;
import org.jline.reader.LineReader;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/// How a line looks while it is typed: words in the colour of what they are, and behind the cursor,
/// faintly, what comes next.
///
/// Confined to the editor's thread, which asks after each key.
final class SyntaxHighlighter implements Highlighter {
  private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
  private static final AttributedStyle COMMAND = PLAIN.bold();
  private static final AttributedStyle OPTION = PLAIN.foreground(AttributedStyle.CYAN);
  private static final AttributedStyle QUOTED = PLAIN.foreground(AttributedStyle.YELLOW);
  private static final AttributedStyle UNKNOWN = PLAIN.foreground(AttributedStyle.RED);
  private static final AttributedStyle STAGE = PLAIN.foreground(AttributedStyle.MAGENTA);
  private static final int SHORTEST_HINT = 6;

  private final Commands commands;
  private final boolean colour;
  private final Runnable touched;
  private int promptWidth;

  /// @param touched is called for each key
  SyntaxHighlighter(Commands commands, boolean colour, Runnable touched) {
    this.commands = commands;
    this.colour = colour;
    this.touched = touched;
  }

  void promptWidth(int columns) {
    promptWidth = columns;
  }

  @Override
  public AttributedString highlight(LineReader reader, String text) {
    touched.run();
    TypedLine line = TypedLine.read(text, commands);
    reader.setTailTip(fitting(hint(line, text), text, reader.getTerminal().getSize().getColumns()));
    return colour ? coloured(line, text) : new AttributedString(text);
  }

  private AttributedString coloured(TypedLine line, String text) {
    AttributedStringBuilder dressed = new AttributedStringBuilder();
    List<String> before = new ArrayList<>();
    int at = 0;
    boolean stage = false;
    for (Token token : line.tokens()) {
      if (token.end() <= at) {
        continue;
      }
      stage |= !token.kind().isWord();
      dressed.append(text.substring(at, token.start()));
      AttributedStyle style = stage ? STAGE : style(token, before, text.length());
      dressed.styled(style, text.substring(token.start(), token.end()));
      before.add(token.text());
      at = token.end();
    }
    return dressed.append(text.substring(at)).toAttributedString();
  }

  private AttributedStyle style(Token token, List<String> before, int length) {
    return switch (token.kind()) {
      case QUOTED -> QUOTED;
      case VERBATIM, BAR -> PLAIN;
      case WORD ->
          switch (meaning(token, before)) {
            case COMMAND -> COMMAND;
            case OPTION -> OPTION;
            case VALUE -> PLAIN;
            case UNKNOWN -> token.end() == length && begins(before, token.text()) ? PLAIN : UNKNOWN;
          };
    };
  }

  private Meaning meaning(Token token, List<String> before) {
    String word = token.text();
    boolean own = word.equals("help") || word.equals("exit") || word.equals("quit");
    if (word.equals("?") || (before.isEmpty() && (own || word.equals("patronus")))) {
      return Meaning.COMMAND;
    }
    return commands.meaning(asked(before), word);
  }

  /// Whether something that is known begins so: it is only not yet typed to its end.
  private boolean begins(List<String> before, String word) {
    boolean own = "help".startsWith(word) || "exit".startsWith(word) || "quit".startsWith(word);
    List<String> words = new ArrayList<>(asked(before));
    words.add(word);
    return (before.isEmpty() && own) || !commands.suggestions(words).isEmpty();
  }

  /// The words without those of the shell itself in front.
  private static List<String> asked(List<String> words) {
    boolean own =
        !words.isEmpty()
            && (words.getFirst().equals("help") || words.getFirst().equals("patronus"));
    return own ? words.subList(1, words.size()) : words;
  }

  private String hint(TypedLine line, String text) {
    if (text.isBlank() || line.unfinished() || line.parts().size() > 1) {
      return "";
    }
    boolean between = Character.isWhitespace(text.charAt(text.length() - 1));
    List<String> words = new ArrayList<>(line.words());
    if (between) {
      words.add(""); // the next word has not begun
    }
    String hint = line.asksForHelp() ? "" : commands.hint(words);
    return hint.isEmpty() || between ? hint : " " + hint;
  }

  /// As much of the hint as stands beside the text; none where that is too little.
  private String fitting(String hint, String text, int width) {
    int free = width - promptWidth - new AttributedString(text).columnLength() - 1;
    if (hint.length() <= free) {
      return hint;
    }
    return free < SHORTEST_HINT ? "" : hint.substring(0, free - 1) + "…";
  }
}
