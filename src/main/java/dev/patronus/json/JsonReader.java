package dev.patronus.json;

import static java.util.Objects.requireNonNull;

import dev.patronus.json.Json.Arr;
import dev.patronus.json.Json.Bool;
import dev.patronus.json.Json.Null;
import dev.patronus.json.Json.Num;
import dev.patronus.json.Json.Obj;
import dev.patronus.json.Json.Text;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/// Turns a stream of tokens into one value.
///
/// Names are not interned or kept between documents: hostile ones would stay for ever.
final class JsonReader {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Json.DEPTH_MAX)
                  .maxNumberLength(Json.NUMBER_LENGTH_MAX)
                  .build())
          .build();

  /// Reads bytes, and keeps names, as programs that talk to us have few of them.
  private static final JsonFactory BYTES =
      FACTORY.rebuild().enable(JsonFactory.Feature.CANONICALIZE_PROPERTY_NAMES).build();

  private final JsonParser parser;
  private @Nullable String rows;
  private @Nullable Consumer<JsonCells> row;

  private JsonReader(JsonParser parser) {
    this.parser = parser;
  }

  /// Reads an object in UTF-8 whose list of this name may be long.
  ///
  /// @param row gets each list in that list, which is not kept
  static Obj read(InputStream in, String rows, Consumer<JsonCells> row) throws IOException {
    try (JsonParser parser = BYTES.createParser(ObjectReadContext.empty(), utf8(in))) {
      JsonReader reader = new JsonReader(parser);
      reader.rows = rows;
      reader.row = row;
      if (reader.document() instanceof Obj object) {
        return object;
      }
      throw new UnreadableJson("a document must be an object");
    } catch (JacksonIOException e) {
      throw e.getCause();
    } catch (JacksonException e) {
      throw unreadable(e);
    }
  }

  /// The same bytes, of which the parser would guess another encoding by the first four.
  ///
  /// @throws UnreadableJson if they are not UTF-8: none of its characters but NUL has a byte of
  ///   zero, and none has 0xfe or 0xff
  private static InputStream utf8(InputStream in) throws IOException {
    PushbackInputStream bytes = new PushbackInputStream(in, 4);
    byte[] first = bytes.readNBytes(4);
    for (byte each : first) {
      if (each == 0 || each == (byte) 0xfe || each == (byte) 0xff) {
        throw new UnreadableJson("a document must be in UTF-8");
      }
    }
    bytes.unread(first);
    return bytes;
  }

  static Json read(String text, int lengthMax) {
    if (text.length() > lengthMax) {
      throw new UnreadableJson(
          "a document must have at most "
              + lengthMax
              + " characters, this one has "
              + text.length());
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      return new JsonReader(parser).document();
    } catch (JacksonException e) {
      throw unreadable(e);
    }
  }

  private static UnreadableJson unreadable(JacksonException e) {
    return new UnreadableJson(
        place(e.getLocation()) + UnreadableJson.reason(e.getOriginalMessage()));
  }

  private Json document() {
    if (parser.nextToken() == null) {
      throw new UnreadableJson("the text is empty");
    }
    Json value = value();
    if (parser.nextToken() != null) {
      throw new UnreadableJson(
          place(parser.currentTokenLocation()) + "the document ends before this");
    }
    return value;
  }

  private Json value() {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> new Text(parser.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Num(parser.getString());
      case VALUE_TRUE -> new Bool(true);
      case VALUE_FALSE -> new Bool(false);
      case VALUE_NULL -> Null.NULL;
      case END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
          throw new IllegalStateException("a value cannot start with " + parser.currentToken());
    };
  }

  private Obj object() {
    LinkedHashMap<String, Json> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      members.put(name, isRows(name) ? rows() : value());
    }
    return new Obj(members);
  }

  private boolean isRows(String name) {
    return name.equals(rows)
        && parser.currentToken() == JsonToken.START_ARRAY
        && parser.streamReadContext().getNestingDepth() == 2;
  }

  private Arr rows() {
    List<Json> others = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.START_ARRAY) {
        JsonCells cells = new JsonCells(parser);
        requireNonNull(row).accept(cells);
        cells.skip();
      } else {
        others.add(value());
      }
    }
    return new Arr(others);
  }

  private Arr array() {
    List<Json> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value());
    }
    return new Arr(items);
  }

  private static String place(TokenStreamLocation location) {
    if (location == null || location.getLineNr() < 1) {
      return "";
    }
    return "line " + location.getLineNr() + ", column " + location.getColumnNr() + ": ";
  }
}
