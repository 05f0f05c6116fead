package dev.patronus.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class JsonFuzzTest {
  static Stream<byte[]> seeds() {
    return Stream.of(
            "{\"a\":[1,-2.5e-7,true,false,null,\"\\u00e4\\n\\ud800\"],\"b\":{\"c\":\"x\"}}",
            "[[[[]]]]",
            "18446744073709551615",
            "\"\\\"\\\\\\/\\b\\f\"",
            " { } ")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_text_is_refused_in_one_line_or_is_a_value_whose_text_means_the_same(byte[] input) {
    Json read;
    try {
      read = Json.parse(new String(input, StandardCharsets.UTF_8), 1 << 20);
    } catch (UnreadableJson e) {
      assertTrue(e.getMessage().lines().count() == 1, e.getMessage());
      return;
    }
    assertEquals(read, Json.parse(read.toString()));
  }
}
