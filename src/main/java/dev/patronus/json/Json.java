package dev.patronus.json;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;

/// A JSON value (RFC 8259).
///
/// Immutable. Equal if written alike; the order of an object's members does not count.
public sealed interface Json {
  /// The most characters that [#parse(String)] takes.
  int LENGTH_MAX = 16 << 20;

  /// The most arrays and objects inside one another.
  int DEPTH_MAX = 64;

  /// The most characters of one number.
  int NUMBER_LENGTH_MAX = 100;

  /// Reads one value and nothing after it. A name that an object has twice is refused.
  ///
  /// @throws UnreadableJson if the text is no JSON or beyond the limits
  static Json parse(String text) {
    return parse(text, LENGTH_MAX);
  }

  /// Reads one value of at most `lengthMax` characters and nothing after it.
  ///
  /// @throws UnreadableJson if the text is no JSON or beyond the limits
  static Json parse(String text, int lengthMax) {
    return JsonReader.read(text, lengthMax);
  }

  /// Reads an object in UTF-8, and nothing after it, that may have many rows: each list in its list
  /// `rows` is given to `row`, value by value, and is not kept.
  ///
  /// @throws UnreadableJson if it is no JSON, no object, or beyond the limits
  /// @throws IOException if `in` throws one
  static Obj parse(InputStream in, String rows, Consumer<JsonCells> row) throws IOException {
    return JsonReader.read(in, rows, row);
  }

  /// A text as a JSON string, with its quotes.
  static String quoted(String text) {
    return JsonWriter.quoted(text);
  }

  /// Texts as a JSON array.
  static String array(List<?> texts) {
    return new Arr(texts.stream().<Json>map(text -> new Text(String.valueOf(text))).toList())
        .toString();
  }

  /// Starts an object, member by member.
  static Builder object() {
    return new Builder();
  }

  /// Adds the value as compact JSON. Whatever is not safe in UTF-8 (a lone surrogate) is escaped.
  default void append(StringBuilder out) {
    out.append(JsonWriter.write(this));
  }

  /// Writes the value as [#append(StringBuilder)] does.
  default void write(Appendable out) throws IOException {
    out.append(JsonWriter.write(this));
  }

  /// What kind of value it is, in words.
  default String kind() {
    return switch (this) {
      case Obj _ -> "an object";
      case Arr _ -> "a list";
      case Text _ -> "a text";
      case Num _ -> "a number";
      case Bool(boolean value) -> String.valueOf(value);
      case Null _ -> "null";
    };
  }

  /// Names with values, in the order in which they were written.
  ///
  /// The lookups that return a value throw [UnreadableJson], which names the member, if it is
  /// absent or of another kind.
  record Obj(SequencedMap<String, Json> members) implements Json {
    public Obj {
      members = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(members));
    }

    /// The member of this name; empty if it is absent or null.
    public Optional<Json> find(String name) {
      return Optional.ofNullable(members.get(name)).filter(value -> value != Null.NULL);
    }

    public String text(String name) {
      return required(name, Text.class, "a text").value();
    }

    public boolean bool(String name) {
      return required(name, Bool.class, "true or false").value();
    }

    public Num number(String name) {
      return required(name, Num.class, "a number");
    }

    public Obj object(String name) {
      return required(name, Obj.class, "an object");
    }

    public List<Json> list(String name) {
      return required(name, Arr.class, "a list").items();
    }

    /// The whole number of this name, if it fits 64 bits with a sign.
    public long integer(String name) {
      try {
        return number(name).toLong();
      } catch (UnreadableJson e) {
        throw new UnreadableJson("'" + name + "': " + e.getMessage());
      }
    }

    /// The text of this name; empty if it is absent or null.
    public Optional<String> findText(String name) {
      return find(name).map(_ -> text(name));
    }

    /// The whole number of this name; empty if it is absent or null.
    public Optional<Long> findInteger(String name) {
      return find(name).map(_ -> integer(name));
    }

    /// The object of this name; empty if it is absent or null.
    public Optional<Obj> findObject(String name) {
      return find(name).map(_ -> object(name));
    }

    /// Whether the value of this name is true; empty if it is absent or null.
    public Optional<Boolean> findBool(String name) {
      return find(name).map(_ -> bool(name));
    }

    /// The time of this name, as [Instant#toString] writes it.
    public Instant time(String name) {
      try {
        return Instant.parse(text(name));
      } catch (DateTimeException _) {
        throw new UnreadableJson("'" + name + "' must be a time, as in 2026-11-01T10:00:00Z");
      }
    }

    /// The time of this name; empty if it is absent or null.
    public Optional<Instant> findTime(String name) {
      return find(name).map(_ -> time(name));
    }

    /// The list of this name, all of whose items are texts.
    public List<String> texts(String name) {
      List<String> texts = new ArrayList<>();
      for (Json item : list(name)) {
        texts.add(item(name, item, Text.class, "texts").value());
      }
      return texts;
    }

    /// The list of this name, all of whose items are objects, each as `reading` reads it.
    public <T> List<T> objects(String name, Function<Obj, T> reading) {
      List<T> objects = new ArrayList<>();
      for (Json item : list(name)) {
        objects.add(reading.apply(item(name, item, Obj.class, "objects")));
      }
      return objects;
    }

    /// The list of this name, all of whose items are whole numbers.
    public List<Long> integers(String name) {
      List<Long> integers = new ArrayList<>();
      for (Json item : list(name)) {
        integers.add(item(name, item, Num.class, "numbers").toLong());
      }
      return integers;
    }

    private static <T extends Json> T item(String name, Json item, Class<T> kind, String words) {
      if (!kind.isInstance(item)) {
        throw new UnreadableJson(
            "'" + name + "' must be a list of " + words + ", has " + item.kind());
      }
      return kind.cast(item);
    }

    private <T extends Json> T required(String name, Class<T> kind, String words) {
      Json value = members.get(name);
      if (value == null) {
        throw new UnreadableJson("'" + name + "' is missing");
      }
      if (!kind.isInstance(value)) {
        throw new UnreadableJson(
            "'" + name + "' must be " + words + ", is " + JsonWriter.excerpt(value));
      }
      return kind.cast(value);
    }

    @Override
    public String toString() {
      return JsonWriter.write(this);
    }
  }

  record Arr(List<Json> items) implements Json {
    public Arr {
      items = List.copyOf(items);
    }

    @Override
    public String toString() {
      return JsonWriter.write(this);
    }
  }

  record Text(String value) implements Json {
    public Text {
      Objects.requireNonNull(value, "value");
    }

    @Override
    public String toString() {
      return JsonWriter.write(this);
    }
  }

  /// A number exactly as it is written: no digit is lost between reading and writing.
  ///
  /// @param literal a number by the grammar of RFC 8259 §6
  record Num(String literal) implements Json {
    public Num {
      if (!JsonNumber.isNumber(literal)) {
        throw new IllegalArgumentException("not a JSON number: '" + literal + "'");
      }
    }

    public static Num of(long value) {
      return new Num(Long.toString(value));
    }

    /// The shortest number that is read back as `value`.
    ///
    /// @throws IllegalArgumentException if it is infinite or not a number
    public static Num of(double value) {
      return new Num(Double.toString(value));
    }

    /// Whether it is written without fraction and exponent.
    public boolean isInteger() {
      return JsonNumber.isInteger(literal);
    }

    /// The whole number in 64 bits with a sign.
    ///
    /// @throws UnreadableJson if it has a fraction or an exponent, or does not fit
    public long toLong() {
      BigInteger value = whole();
      if (value.bitLength() > 63) {
        throw outside(Long.MIN_VALUE + " to " + Long.MAX_VALUE);
      }
      return value.longValue();
    }

    /// The nearest double; infinite where the number is beyond its range.
    public double toDouble() {
      return Double.parseDouble(literal);
    }

    private BigInteger whole() {
      if (!isInteger()) {
        throw new UnreadableJson("must be a whole number, is " + JsonWriter.excerpt(this));
      }
      return new BigInteger(literal);
    }

    private UnreadableJson outside(String range) {
      return new UnreadableJson("must be " + range + ", is " + JsonWriter.excerpt(this));
    }

    @Override
    public String toString() {
      return literal;
    }
  }

  record Bool(boolean value) implements Json {
    @Override
    public String toString() {
      return String.valueOf(value);
    }
  }

  enum Null implements Json {
    NULL;

    @Override
    public String toString() {
      return "null";
    }
  }

  /// Collects the members of an object. Not for use by several threads.
  final class Builder {
    private final LinkedHashMap<String, Json> members = new LinkedHashMap<>();

    private Builder() {}

    public Builder put(String name, Json value) {
      Json before = members.put(name, Objects.requireNonNull(value, name));
      if (before != null) {
        throw new IllegalArgumentException("an object has each name once, has '" + name + "'");
      }
      return this;
    }

    public Builder put(String name, String value) {
      return put(name, new Text(value));
    }

    public Builder put(String name, long value) {
      return put(name, Num.of(value));
    }

    public Builder put(String name, double value) {
      return put(name, Num.of(value));
    }

    public Builder put(String name, boolean value) {
      return put(name, new Bool(value));
    }

    public Builder put(String name, List<? extends Json> items) {
      return put(name, new Arr(List.copyOf(items)));
    }

    /// Adds a list of texts.
    public Builder putTexts(String name, List<String> texts) {
      return put(name, texts.stream().map(Text::new).toList());
    }

    /// Adds a list of objects, each as `writing` writes it.
    public <T> Builder putObjects(String name, List<T> items, Function<T, Obj> writing) {
      return put(name, items.stream().map(writing).toList());
    }

    /// Adds a value, and nothing if there is none.
    ///
    /// @param value a [Json], [String], [Long], [Boolean] or [Instant]
    public Builder putIfPresent(String name, Optional<?> value) {
      value.ifPresent(each -> put(name, of(each)));
      return this;
    }

    /// Adds a value, and null if there is none.
    ///
    /// @param value as in [#putIfPresent]
    public Builder putOrNull(String name, Optional<?> value) {
      return put(name, value.<Json>map(Builder::of).orElse(Null.NULL));
    }

    private static Json of(Object value) {
      return switch (value) {
        case Json json -> json;
        case String text -> new Text(text);
        case Long number -> Num.of(number);
        case Boolean truth -> new Bool(truth);
        case Instant time -> new Text(time.toString());
        default -> throw new IllegalArgumentException(value.getClass() + " is no JSON");
      };
    }

    /// Adds a member that is null.
    public Builder putNull(String name) {
      return put(name, Null.NULL);
    }

    public Obj build() {
      return new Obj(members);
    }
  }
}
