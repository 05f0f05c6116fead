package dev.patronus.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class JsonTest {
  private static String refusal(String text) {
    return assertThrows(UnreadableJson.class, () -> Json.parse(text)).getMessage();
  }

  @Test
  void members_keep_their_order_and_their_values() {
    String text = "{\"b\":[1,2.50,-3e2],\"a\":{\"x\":null},\"t\":true,\"f\":false,\"s\":\"é\"}";
    assertEquals(text, Json.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "9007199254740993",
        "18446744073709551615",
        "-9223372036854775808",
        "0.1000",
        "1E+400",
        "123456789012345678901234567890.123456789"
      })
  void no_digit_of_a_number_is_lost(String number) {
    assertEquals(number, Json.parse(number).toString());
  }

  @Test
  void a_whole_number_beyond_64_bits_with_a_sign_is_refused_with_the_range() {
    Json.Obj object = (Json.Obj) Json.parse("{\"id\":18446744073709551615}");
    assertEquals(
        "'id': must be -9223372036854775808 to 9223372036854775807, is 18446744073709551615",
        assertThrows(UnreadableJson.class, () -> object.integer("id")).getMessage());
  }

  @ParameterizedTest
  @CsvSource({"18446744073709551616", "1.0", "1e3"})
  void what_is_no_whole_number_is_refused_by_name(String number) {
    Json.Obj object = (Json.Obj) Json.parse("{\"id\":" + number + "}");
    String message = assertThrows(UnreadableJson.class, () -> object.integer("id")).getMessage();
    assertTrue(message.startsWith("'id': must be "), message);
    assertTrue(message.endsWith(number), message);
  }

  @Test
  void a_lookup_says_what_it_found_instead() {
    Json.Obj object = (Json.Obj) Json.parse("{\"a\":7,\"n\":null}");
    assertEquals(
        "'a' must be a text, is 7",
        assertThrows(UnreadableJson.class, () -> object.text("a")).getMessage());
    assertEquals(
        "'b' is missing", assertThrows(UnreadableJson.class, () -> object.text("b")).getMessage());
    assertTrue(object.find("n").isEmpty());
    assertTrue(object.find("b").isEmpty());
    assertEquals(Json.Num.of(7), object.find("a").orElseThrow());
  }

  @Test
  void a_name_that_comes_twice_is_refused() {
    String message = refusal("{\"a\":1,\n \"a\":2}");
    assertTrue(message.startsWith("line 2, column "), message);
    assertTrue(message.contains("'a'") || message.contains("\"a\""), message);
  }

  @Test
  void what_follows_the_document_is_refused_with_its_place() {
    assertEquals("line 1, column 4: the document ends before this", refusal("{} {}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":}",
        "{a:1}",
        "nul",
        "01",
        "+1",
        ".5",
        "1.",
        "NaN",
        "'a'",
        "\"\\x\"",
        "\"a\nb\"",
        "[1 2]",
        "}",
        "// c\n1",
        "\"\\ud8\"",
        "[1}",
        "{\"a\"}",
        "\"a"
      })
  void what_is_no_JSON_is_refused_in_one_line(String text) {
    String message = refusal(text);
    assertTrue(message.indexOf('\n') < 0 && !message.isBlank(), message);
  }

  @Test
  void nesting_beyond_the_limit_is_refused() {
    Json.parse("[".repeat(Json.DEPTH_MAX) + "]".repeat(Json.DEPTH_MAX));
    refusal("[".repeat(Json.DEPTH_MAX + 1) + "]".repeat(Json.DEPTH_MAX + 1));
  }

  @Test
  void text_and_numbers_beyond_the_limit_are_refused() {
    assertEquals(
        "a document must have at most 3 characters, this one has 4",
        assertThrows(UnreadableJson.class, () -> Json.parse("1234", 3)).getMessage());
    refusal("1".repeat(Json.NUMBER_LENGTH_MAX + 1));
  }

  @Test
  void a_lone_surrogate_is_escaped_and_a_pair_is_not() {
    assertEquals("\"\\ud800x\"", new Json.Text("\ud800x").toString());
    assertEquals("\"\\udc00\"", new Json.Text("\udc00").toString());
    assertEquals("\"😀\"", new Json.Text("😀").toString());
  }

  @Test
  void what_is_no_number_cannot_be_made_into_one() {
    for (String text : List.of("", "-", "1.", ".1", "01", "1e", "1e+", "NaN", "Infinity", "1 ")) {
      assertThrows(IllegalArgumentException.class, () -> new Json.Num(text), text);
    }
    assertThrows(IllegalArgumentException.class, () -> Json.Num.of(Double.NaN));
  }

  @Test
  void an_object_is_built_with_each_name_once() {
    Json.Obj built =
        Json.object().put("n", 1).put("s", "x").put("d", 0.5).put("b", true).putNull("z").build();
    assertEquals("{\"n\":1,\"s\":\"x\",\"d\":0.5,\"b\":true,\"z\":null}", built.toString());
    assertThrows(
        IllegalArgumentException.class, () -> Json.object().put("n", 1).put("n", 2).build());
  }

  @Test
  void a_quoted_text_is_written_as_the_value_is_whatever_its_characters() {
    for (int c = 0; c <= Character.MAX_VALUE; c++) {
      String text = "a" + (char) c + "b";
      assertEquals(new Json.Text(text).toString(), Json.quoted(text), Integer.toHexString(c));
    }
    assertEquals("\"\"", Json.quoted(""));
  }

  @Test
  void random_values_are_read_by_others_as_they_were_written() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    JsonMapper judge = new JsonMapper();
    for (int i = 0; i < 2_000; i++) {
      Json value = random(random, 0);
      byte[] utf8 = value.toString().getBytes(StandardCharsets.UTF_8);
      String back = new String(utf8, StandardCharsets.UTF_8);
      assertEquals(value, Json.parse(back), "seed " + seed);
      if (value instanceof Json.Text(String text)) {
        assertEquals(text, judge.readTree(utf8).stringValue(), "seed " + seed);
      } else {
        judge.readTree(utf8);
      }
    }
  }

  private static Json random(Random random, int depth) {
    return switch (random.nextInt(depth > 4 ? 6 : 8)) {
      case 0 -> Json.Null.NULL;
      case 1 -> new Json.Bool(random.nextBoolean());
      case 2 -> Json.Num.of(random.nextLong());
      case 3 -> Json.Num.of(random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20));
      case 4, 5 -> new Json.Text(text(random));
      case 6 -> {
        List<Json> items = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          items.add(random(random, depth + 1));
        }
        yield new Json.Arr(items);
      }
      default -> {
        LinkedHashMap<String, Json> members = new LinkedHashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          members.put(name(random), random(random, depth + 1));
        }
        yield new Json.Obj(members);
      }
    };
  }

  /// Names with a lone surrogate are refused by the reader, so they are not tried.
  private static String name(Random random) {
    byte[] utf8 = text(random).getBytes(StandardCharsets.UTF_8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      text.append(
          switch (random.nextInt(4)) {
            case 0 -> (char) random.nextInt(0x20);
            case 1 -> (char) (0xd800 + random.nextInt(0x800));
            case 2 -> (char) random.nextInt(0x10000);
            default -> "ab\"\\/:,{}[]".charAt(random.nextInt(11));
          });
    }
    return text.toString();
  }
}
