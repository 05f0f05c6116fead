package dev.patronus.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Takes one line to pieces, from the left to the right.
///
/// Confined to one thread; used once.
final class Lexer {
  /// Options that stand behind text that is taken as it stands, where people write them.
  private static final Pattern TRAILING_FORMAT =
      Pattern.compile(
          "\\s(--json|(-o|--output)[ =]?(table|json|ndjson|csv))\\s*$", Pattern.CASE_INSENSITIVE);

  private final String text;
  private final RawSyntax verbatim;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private boolean unfinished;

  Lexer(String text, RawSyntax verbatim) {
    this.text = text;
    this.verbatim = verbatim;
  }

  TypedLine split() {
    while (skipBlanks()) {
      char c = text.charAt(at);
      if (c == '#') {
        break;
      }
      if (c == '|') {
        tokens.add(new Token(Token.Kind.BAR, "|", at, at + 1, '\0'));
        at++;
      } else if (!verbatim()) {
        word();
      }
    }
    return new TypedLine(tokens, unfinished);
  }

  private boolean skipBlanks() {
    while (at < text.length()
        && (Character.isWhitespace(text.charAt(at)) || text.startsWith("\\\n", at))) {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return at < text.length();
  }

  private void word() {
    StringBuilder word = new StringBuilder();
    int start = at;
    boolean quoted = false;
    char open = '\0';
    while (at < text.length()) {
      char c = text.charAt(at);
      if (open == '\0' && (Character.isWhitespace(c) || c == '|')) {
        break;
      }
      at++;
      if (c == '\\' && open != '\'') {
        escape(open, word);
      } else if (c == open) {
        open = '\0';
      } else if (open == '\0' && (c == '\'' || c == '"')) {
        open = c;
        quoted = true;
      } else {
        word.append(c);
      }
    }
    unfinished |= open != '\0';
    Token.Kind kind = quoted ? Token.Kind.QUOTED : Token.Kind.WORD;
    tokens.add(new Token(kind, word.toString(), start, at, open));
  }

  /// What follows a backslash; within `"…"` it only escapes what means something there, and a line
  /// that ends in one goes on.
  private void escape(char open, StringBuilder word) {
    if (at == text.length()) {
      unfinished = true;
      return;
    }
    char next = text.charAt(at++);
    if (next == '\n') {
      return;
    }
    if (open == '"' && next != '"' && next != '\\' && next != '$' && next != '`') {
      word.append('\\');
    }
    word.append(next);
  }

  /// Takes the rest as it stands, up to a stage, if a language of its own begins here.
  private boolean verbatim() {
    int end = at;
    while (end < text.length() && Character.isLetter(text.charAt(end))) {
      end++;
    }
    List<String> before = words();
    if (end == at || before == null || !verbatim.begins(before, text.substring(at, end))) {
      return false;
    }
    int stop = at;
    while (stop < text.length() && !isStage(stop)) {
      stop = text.startsWith("||", stop) ? stop + 2 : verbatim.skipOne(text, stop);
    }
    take(text.substring(at, stop));
    at = stop;
    return true;
  }

  /// The words before this one; null behind a bar.
  private @Nullable List<String> words() {
    List<String> words = new ArrayList<>();
    for (Token token : tokens) {
      if (!token.kind().isWord()) {
        return null;
      }
      words.add(token.text());
    }
    return words;
  }

  private void take(String rest) {
    String query = rest.stripTrailing();
    List<String> options = new ArrayList<>();
    Matcher option = TRAILING_FORMAT.matcher(query);
    while (option.find()) {
      options.add(option.group(1));
      query = query.substring(0, option.start()).stripTrailing();
      option = TRAILING_FORMAT.matcher(query);
    }
    tokens.add(new Token(Token.Kind.VERBATIM, query, at, at + query.length(), '\0'));
    int start = at + query.length();
    for (String typed : options) {
      for (String word : typed.split(" ", -1)) {
        tokens.add(new Token(Token.Kind.WORD, word, start, at + rest.length(), '\0'));
      }
    }
  }

  /// Whether a bar and the name of a stage stand here: a bar can be part of the language.
  private boolean isStage(int start) {
    if (text.charAt(start) != '|') {
      return false;
    }
    String behind = text.substring(start + 1).stripLeading().toLowerCase(Locale.ROOT);
    for (String name : PipeFilter.NAMES) {
      if (behind.startsWith(name)
          && (behind.length() == name.length()
              || !Character.isLetterOrDigit(behind.charAt(name.length())))) {
        return true;
      }
    }
    return false;
  }
}
