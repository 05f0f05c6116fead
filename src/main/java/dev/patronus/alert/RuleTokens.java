package dev.patronus.alert;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The words of a rule behind its name, with their places.
///
/// Words are apart by blanks; signs of comparison need none; a word with blanks stands in double
/// quotes. Confined to one thread.
final class RuleTokens {
  /// A number and its unit are one word, with a blank between them or without.
  private static final Pattern TOKEN =
      Pattern.compile(
          "\"([^\"]*)\"|[<>=]+|[0-9.]+ +(?:[kKMGTP]i?)?(?:bit|bps|B)(?:/s)?(?!\\S)|[^\\s<>=\"]+|\"");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  /// A word.
  ///
  /// @param offset its place in the text, from 0
  record Token(String text, int offset, boolean quoted) {
    boolean is(String word) {
      return !quoted && text.equals(word);
    }
  }

  private final String text;
  private final String name;
  private final String rule;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private RuleTokens(String text, String name, String rule) {
    this.text = text;
    this.name = name;
    this.rule = rule;
  }

  /// Divides a text `NAME: WORDS`.
  ///
  /// @param example what can be written
  /// @throws UnreadableRule if there is no name, or a quote is not closed
  static RuleTokens of(String text, String example) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? "" : text.substring(0, colon).strip();
    if (!NAME.matcher(name).matches()) {
      throw new UnreadableRule(
          0,
          "a rule begins with its name, of letters, digits, '-', '_' and '.', and a colon, as in '"
              + example
              + "'");
    }
    RuleTokens tokens = new RuleTokens(text, name, text.substring(colon + 1).strip());
    tokens.divide(colon + 1);
    return tokens;
  }

  private void divide(int from) {
    Matcher matcher = TOKEN.matcher(text);
    int end = from;
    while (matcher.find(end)) {
      MatchResult found = matcher.toMatchResult();
      if (found.group().equals("\"")) {
        throw new UnreadableRule(found.start(), "the quote is not closed");
      }
      boolean quoted = found.group(1) != null;
      tokens.add(new Token(quoted ? found.group(1) : found.group(), found.start(), quoted));
      end = found.end();
    }
  }

  String name() {
    return name;
  }

  /// The text behind the name.
  String rule() {
    return rule;
  }

  boolean more() {
    return at < tokens.size();
  }

  /// The next word, which stays the next one.
  ///
  /// @param missing what to write, if there is none
  Token peek(String missing) {
    if (!more()) {
      throw new UnreadableRule(text.length(), "the rule ends too early; " + missing);
    }
    return tokens.get(at);
  }

  void skip() {
    at++;
  }

  Token next(String missing) {
    Token token = peek(missing);
    at++;
    return token;
  }

  void requireWord(String word) {
    Token token = next("write '" + word + "'");
    if (!token.is(word)) {
      throw new UnreadableRule(
          token.offset(), "expected '" + word + "', was '" + token.text() + "'");
    }
  }
}
