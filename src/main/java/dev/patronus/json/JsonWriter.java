package dev.patronus.json;

import dev.patronus.json.Json.Arr;
import dev.patronus.json.Json.Bool;
import dev.patronus.json.Json.Null;
import dev.patronus.json.Json.Num;
import dev.patronus.json.Json.Obj;
import dev.patronus.json.Json.Text;
import java.io.StringWriter;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/// Writes values as compact JSON.
final class JsonWriter {
  private static final int EXCERPT_LENGTH_MAX = 40;
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .characterEscapes(new Escapes())
          .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
          .build();

  private JsonWriter() {}

  /// Escapes all [ControlCharacters] besides what JSON demands.
  private static final class Escapes extends CharacterEscapes {
    private static final long serialVersionUID = 1L;

    private final int[] ascii = standardAsciiEscapesForJSON();

    Escapes() {
      for (char each : new char[] {'\b', '\f', 0x7f}) {
        ascii[each] = ESCAPE_STANDARD;
      }
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return ascii;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
      return ControlCharacters.includes((char) c) ? new SerializedString(escape((char) c)) : null;
    }
  }

  private static String escape(char c) {
    return "\\u" + HexFormat.of().toHexDigits(c);
  }

  /// A text as a JSON string. Most texts of a long export are plain, and need no generator.
  static String quoted(String text) {
    return isPlain(text) ? '"' + text + '"' : write(new Text(text));
  }

  /// Whether a text is ASCII without anything to escape.
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x7f || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  static String write(Json value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      write(value, json);
    }
    return withoutLoneSurrogates(text.toString());
  }

  /// The value as it stands in a message: its text, cut to a limit.
  static String excerpt(Json value) {
    String whole = write(value);
    return whole.length() <= EXCERPT_LENGTH_MAX
        ? whole
        : value.kind() + " (" + whole.substring(0, EXCERPT_LENGTH_MAX) + "...)";
  }

  private static void write(Json value, JsonGenerator json) {
    switch (value) {
      case Obj object -> {
        json.writeStartObject();
        object
            .members()
            .forEach((name, member) -> {
              json.writeName(name);
              write(member, json);
            });
        json.writeEndObject();
      }
      case Arr array -> {
        json.writeStartArray();
        array.items().forEach(item -> write(item, json));
        json.writeEndArray();
      }
      case Text(String text) -> json.writeString(text);
      case Num(String literal) -> json.writeNumber(literal);
      case Bool(boolean truth) -> json.writeBoolean(truth);
      case Null _ -> json.writeNull();
    }
  }

  /// The same document with surrogates that are no pair escaped, which no UTF-8 can hold; the
  /// generator looks at characters one by one.
  private static String withoutLoneSurrogates(String json) {
    int at = 0;
    while (at < json.length() && !Character.isSurrogate(json.charAt(at))) {
      at++;
    }
    if (at == json.length()) {
      return json;
    }
    StringBuilder escaped = new StringBuilder(json.substring(0, at));
    while (at < json.length()) {
      int point = json.codePointAt(at);
      at += Character.charCount(point);
      if (Character.getType(point) == Character.SURROGATE) {
        escaped.append(escape((char) point));
      } else {
        escaped.appendCodePoint(point);
      }
    }
    return escaped.toString();
  }
}
