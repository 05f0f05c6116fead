package dev.patronus.json;

import dev.patronus.json.Json.Arr;
import dev.patronus.json.Json.Bool;
import dev.patronus.json.Json.Null;
import dev.patronus.json.Json.Num;
import dev.patronus.json.Json.Obj;
import dev.patronus.json.Json.Text;
import java.io.IOException;
import java.util.HexFormat;

/// Writes values as compact JSON.
final class JsonWriter {
  private static final int EXCERPT_LENGTH_MAX = 40;
  private static final HexFormat HEX = HexFormat.of();

  private JsonWriter() {}

  static String write(Json value) {
    StringBuilder out = new StringBuilder();
    append(value, out);
    return out.toString();
  }

  /// The value as it stands in a message: its text, cut to a limit.
  static String excerpt(Json value) {
    String whole = write(value);
    return whole.length() <= EXCERPT_LENGTH_MAX
        ? whole
        : value.kind() + " (" + whole.substring(0, EXCERPT_LENGTH_MAX) + "...)";
  }

  static void append(Json value, StringBuilder out) {
    try {
      append(value, (Appendable) out);
    } catch (IOException e) {
      throw new IllegalStateException(e); // a StringBuilder throws none
    }
  }

  static void append(Json value, Appendable out) throws IOException {
    switch (value) {
      case Obj object -> appendObject(object, out);
      case Arr array -> appendArray(array, out);
      case Text(String text) -> appendText(text, out);
      case Num(String literal) -> out.append(literal);
      case Bool(boolean truth) -> out.append(String.valueOf(truth));
      case Null _ -> out.append("null");
    }
  }

  private static void appendObject(Obj object, Appendable out) throws IOException {
    char before = '{';
    for (var member : object.members().entrySet()) {
      out.append(before);
      appendText(member.getKey(), out);
      out.append(':');
      append(member.getValue(), out);
      before = ',';
    }
    out.append(before == '{' ? "{}" : "}");
  }

  private static void appendArray(Arr array, Appendable out) throws IOException {
    char before = '[';
    for (Json item : array.items()) {
      out.append(before);
      append(item, out);
      before = ',';
    }
    out.append(before == '[' ? "[]" : "]");
  }

  private static void appendText(String text, Appendable out) throws IOException {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (ControlCharacters.includes(c) || isLoneSurrogate(text, i)) {
            out.append("\\u").append(HEX.toHexDigits(c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean isLoneSurrogate(String text, int at) {
    char c = text.charAt(at);
    if (Character.isHighSurrogate(c)) {
      return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
    }
    return Character.isLowSurrogate(c)
        && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
  }
}
