package dev.patronus.control.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.patronus.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The documents of a daemon, as it sent them, are in
/// `src/test/resources/dev/patronus/control/answer`.
class AnswersTest {
  private static final Path FOLDER = Path.of("src/test/resources/dev/patronus/control/answer");

  /// A kind of document.
  enum Kind {
    CACHES,
    CLEARED,
    TEMPLATES;

    private String sent() throws IOException {
      return Files.readString(FOLDER.resolve(name().toLowerCase(Locale.ROOT) + ".json")).strip();
    }

    /// The document, read and written.
    private String again(String document) {
      Json.Obj json = (Json.Obj) Json.parse(document);
      return switch (this) {
        case CACHES -> CacheAnswer.read(json).json().toString();
        case CLEARED -> ClearedAnswer.read(json).json().toString();
        case TEMPLATES -> TemplatesAnswer.read(json).json().toString();
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_document_of_a_daemon_is_written_as_it_was_read(Kind kind) throws IOException {
    assertEquals(kind.sent(), kind.again(kind.sent()));
  }

  @ParameterizedTest
  @EnumSource
  void what_a_newer_daemon_adds_is_passed_over(Kind kind) throws IOException {
    String newer = withMore(Json.parse(kind.sent())).toString();
    assertNotEquals(kind.sent(), newer);
    assertEquals(kind.sent(), kind.again(newer));
  }

  /// The value with a member more in each of its objects.
  private static Json withMore(Json value) {
    return switch (value) {
      case Json.Obj object -> {
        Json.Builder more = Json.object();
        object.members().forEach((name, member) -> more.put(name, withMore(member)));
        yield more.put("added_later", Json.object().put("a", 1).build()).build();
      }
      case Json.Arr array ->
          new Json.Arr(array.items().stream().map(AnswersTest::withMore).toList());
      case Json.Text _, Json.Num _, Json.Bool _, Json.Null _ -> value;
    };
  }
}
