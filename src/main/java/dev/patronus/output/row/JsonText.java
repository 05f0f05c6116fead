package dev.patronus.output.row;

import dev.patronus.json.ControlCharacters;
import java.util.HexFormat;
import java.util.List;

/// Text as a JSON string (RFC 8259 §7).
final class JsonText {
  private static final HexFormat HEX = HexFormat.of();

  private JsonText() {}

  static String quoted(String text) {
    StringBuilder json = new StringBuilder(text.length() + 2);
    quote(text, json);
    return json.toString();
  }

  /// Appends the text in quotes, with what must be escaped escaped; a lone surrogate becomes
  /// `\ufffd`, since no UTF-8 can hold it.
  static void quote(String text, StringBuilder json) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        json.append(c).append(text.charAt(++i));
      } else {
        escape(c, json);
      }
    }
    json.append('"');
  }

  private static void escape(char c, StringBuilder json) {
    switch (c) {
      case '"' -> json.append("\\\"");
      case '\\' -> json.append("\\\\");
      case '\n' -> json.append("\\n");
      case '\r' -> json.append("\\r");
      case '\t' -> json.append("\\t");
      default -> {
        if (ControlCharacters.includes(c)) {
          json.append("\\u").append(HEX.toHexDigits(c));
        } else if (Character.isSurrogate(c)) {
          json.append("\\ufffd");
        } else {
          json.append(c);
        }
      }
    }
  }

  static String array(List<?> values) {
    StringBuilder json = new StringBuilder("[");
    for (Object value : values) {
      if (json.length() > 1) {
        json.append(',');
      }
      quote(String.valueOf(value), json);
    }
    return json.append(']').toString();
  }
}
