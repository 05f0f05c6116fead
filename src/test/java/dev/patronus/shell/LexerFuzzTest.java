package dev.patronus.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.error.UserError;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class LexerFuzzTest {
  /// Behind `sql`, what begins with a letter is taken as it stands.
  private static final RawSyntax SQL =
      new RawSyntax() {
        @Override
        public boolean begins(List<String> before, String word) {
          return before.equals(List.of("sql"));
        }

        @Override
        public int skipOne(String text, int at) {
          int end = text.charAt(at) == '\'' ? text.indexOf('\'', at + 1) : at;
          return end < 0 ? text.length() : end + 1;
        }
      };

  static Stream<byte[]> seeds() {
    return Stream.of(
            "site show 'north west' \"a\\\"b\" c\\ d # comment",
            "sql select 'a | b' || x from t --json | head 3 | grep x",
            "export policy-stats > file",
            "help site | count",
            "patronus stats -o json \\\n --sort rate",
            "'unfinished")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_line_is_words_that_mean_the_same_when_they_are_quoted(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    TypedLine line = TypedLine.read(text, SQL);
    int end = 0;
    for (Token token : line.tokens()) {
      assertTrue(token.start() >= 0 && token.start() <= token.end(), token.toString());
      assertTrue(token.end() <= text.length(), token.toString());
      assertTrue(token.end() >= end, "tokens go from left to right");
      end = token.end();
    }
    line.leaves();
    if (line.asksForHelp()) {
      assertFalse(line.help().isEmpty());
    }
    try {
      line.stages();
    } catch (UserError e) {
      assertFalse(e.getMessage().isBlank());
    }
    quotedIsTheSame(line.parts().getFirst());
  }

  private static void quotedIsTheSame(List<String> words) {
    String quoted =
        words.stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
    TypedLine again = TypedLine.read(quoted, SQL);
    assertFalse(again.unfinished(), quoted);
    assertEquals(words, again.parts().getFirst());
  }
}
