package dev.patronus.flow.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A word, a quoted text or a sign of a filter; the last token of a filter is its end.
///
/// Immutable.
///
/// @param at where it starts, from 1
record FilterToken(Kind kind, String text, int at) {
  enum Kind {
    WORD,
    QUOTED,
    SIGN,
    END
  }

  private static final String SIGNS = "()!&|<>=";
  private static final List<String> LONG_SIGNS = List.of("&&", "||", ">=", "<=", "==", "!=");

  /// The tokens of a text, the end included.
  ///
  /// @throws UnreadableFilter if a quotation has no end
  static List<FilterToken> split(String text) {
    List<FilterToken> tokens = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
        continue;
      }
      int end = end(text, at);
      if (c == '"' || c == '\'') {
        tokens.add(new FilterToken(Kind.QUOTED, text.substring(at + 1, end - 1), at + 1));
      } else {
        Kind kind = SIGNS.indexOf(c) >= 0 ? Kind.SIGN : Kind.WORD;
        tokens.add(new FilterToken(kind, text.substring(at, end), at + 1));
      }
      at = end;
    }
    tokens.add(new FilterToken(Kind.END, "", text.length() + 1));
    return tokens;
  }

  private static int end(String text, int at) {
    char c = text.charAt(at);
    if (c == '"' || c == '\'') {
      int close = text.indexOf(c, at + 1);
      if (close < 0) {
        throw new UnreadableFilter(
            "the quotation at character " + (at + 1) + " has no end", text.substring(at), null);
      }
      return close + 1;
    }
    if (SIGNS.indexOf(c) >= 0) {
      boolean two = at + 2 <= text.length() && LONG_SIGNS.contains(text.substring(at, at + 2));
      return two ? at + 2 : at + 1;
    }
    int end = at;
    while (end < text.length() && isOfWord(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isOfWord(char c) {
    return !Character.isWhitespace(c) && SIGNS.indexOf(c) < 0 && c != '"' && c != '\'';
  }

  /// Whether it is this word or sign, in lower case.
  boolean is(String word) {
    return (kind == Kind.WORD || kind == Kind.SIGN) && word().equals(word);
  }

  boolean isWord() {
    return kind == Kind.WORD || kind == Kind.QUOTED;
  }

  boolean quoted() {
    return kind == Kind.QUOTED;
  }

  boolean isEnd() {
    return kind == Kind.END;
  }

  /// The text in lower case: keywords may be written in any.
  String word() {
    return lower(text);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }
}
