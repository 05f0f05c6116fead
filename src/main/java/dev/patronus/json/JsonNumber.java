package dev.patronus.json;

/// The grammar of numbers, RFC 8259 §6: `-?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?`.
final class JsonNumber {
  private JsonNumber() {}

  static boolean isNumber(String text) {
    int at = integer(text);
    if (at < 0) {
      return false;
    }
    if (at < text.length() && text.charAt(at) == '.') {
      at = digits(text, at + 1);
    }
    if (at > 0 && at < text.length() && (text.charAt(at) | 0x20) == 'e') {
      at = digits(text, afterSign(text, at + 1));
    }
    return at == text.length();
  }

  static boolean isInteger(String text) {
    return integer(text) == text.length();
  }

  /// Where the whole part ends; -1 if there is none.
  private static int integer(String text) {
    int from = text.startsWith("-") ? 1 : 0;
    if (text.startsWith("0", from)) {
      return from + 1;
    }
    return digits(text, from);
  }

  /// Where the digits end that start at `from`; -1 if there are none.
  private static int digits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at == from ? -1 : at;
  }

  private static int afterSign(String text, int at) {
    boolean signed = at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-');
    return signed ? at + 1 : at;
  }
}
