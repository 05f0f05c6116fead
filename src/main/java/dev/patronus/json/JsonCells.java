package dev.patronus.json;

import java.math.BigInteger;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The values of one list of a document that is being read, in their order; they are not kept.
///
/// Confined to one thread, and valid until the reader goes on. Each method reads the next value,
/// and throws [UnreadableJson] if there is none or it is of another kind.
public final class JsonCells {
  private static final int UNSIGNED_BITS = 64;

  private final JsonParser parser;
  private boolean ended;

  JsonCells(JsonParser parser) {
    this.parser = parser;
  }

  public String text() {
    next(JsonToken.VALUE_STRING, "a text");
    return parser.getString();
  }

  /// A whole number that fits 64 bits with a sign.
  public long integer() {
    next(JsonToken.VALUE_NUMBER_INT, "a whole number");
    return parser.getLongValue();
  }

  /// A whole number that fits 64 bits without a sign.
  public long unsigned() {
    next(JsonToken.VALUE_NUMBER_INT, "a whole number");
    if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return positive(parser.getLongValue());
    }
    BigInteger value = parser.getBigIntegerValue();
    if (value.signum() < 0 || value.bitLength() > UNSIGNED_BITS) {
      throw outside(value.toString());
    }
    return value.longValue();
  }

  public boolean bool() {
    JsonToken token = next();
    if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
      throw another("true or false");
    }
    return token == JsonToken.VALUE_TRUE;
  }

  private static long positive(long value) {
    if (value < 0) {
      throw outside(Long.toString(value));
    }
    return value;
  }

  private static UnreadableJson outside(String value) {
    return new UnreadableJson("must be 0 to " + Long.toUnsignedString(-1) + ", is " + value);
  }

  private void next(JsonToken wanted, String words) {
    if (next() != wanted) {
      throw another(words);
    }
  }

  private JsonToken next() {
    if (!ended) {
      ended = parser.nextToken() == JsonToken.END_ARRAY;
    }
    return parser.currentToken();
  }

  private UnreadableJson another(String words) {
    return new UnreadableJson(
        "a list must have " + words + (ended ? " more" : ", has " + parser.currentToken()));
  }

  /// Reads what is left: values that later versions add.
  void skip() {
    while (!ended) {
      next();
      parser.skipChildren();
    }
  }
}
