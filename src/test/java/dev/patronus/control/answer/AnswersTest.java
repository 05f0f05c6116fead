package dev.patronus.control.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.patronus.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The documents of a daemon, as it sent them, are in
/// `src/test/resources/dev/patronus/control/answer`; that of the diagnostics is shortened.
class AnswersTest {
  private static final Path FOLDER = Path.of("src/test/resources/dev/patronus/control/answer");

  /// What documents have not always, or did not have in the first releases, by the list that it is
  /// in.
  private static final Set<String> LATER =
      Set.of(
          ".not_ready_because",
          ".heap_trouble",
          ".heap_remedy",
          ".saturated",
          ".conntrack",
          ".payload_bytes",
          "sources.reason",
          "sources.remark",
          "sources.receive_buffer_asked",
          "sources.receive_buffer_granted",
          "sources.kernel_dropped",
          "sources.strangers",
          "exporters.name",
          "exporters.sampling_since",
          "exporters.last_seen",
          "exporters.datagrams_dropped",
          "exporters.records_dropped",
          "exporters.sets_dropped",
          "exporters.waiting",
          "exporters.sets_waiting",
          "exporters.unknown_templates",
          "exporters.mismatched_templates",
          "exporters.payload_bytes",
          "exporters.agent_samples_dropped",
          "exporters.rate_contradicted",
          "templates.fields",
          "templates.record_bytes",
          "templates.variable",
          "templates.age_seconds",
          "templates.records_dropped",
          "samplers.sampler");

  /// A kind of document.
  enum Kind {
    CACHES,
    CLEARED,
    TEMPLATES,
    STATUS,
    DIAGNOSTICS;

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
        case STATUS -> StatusAnswer.read(json).json().toString();
        case DIAGNOSTICS -> DiagnosticsAnswer.read(json).json().toString();
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

  @ParameterizedTest
  @EnumSource
  void what_an_older_daemon_does_not_say_stays_unsaid(Kind kind) throws IOException {
    String older = without("", Json.parse(kind.sent())).toString();
    assertEquals(older, kind.again(older));
  }

  @Test
  void what_an_older_daemon_does_not_say_is_null_where_a_newer_one_says_none() throws IOException {
    String sent = Kind.STATUS.sent();
    String older =
        sent.replace("\"future_snapshot\":null,", "").replaceAll(",\"faulty_template\":null", "");
    assertNotEquals(sent, older);
    assertEquals(sent, Kind.STATUS.again(older));
  }

  /// The value without the members that later releases added.
  ///
  /// @param list the list that it is in
  private static Json without(String list, Json value) {
    return switch (value) {
      case Json.Obj object -> {
        Json.Builder fewer = Json.object();
        object
            .members()
            .forEach((name, member) -> {
              if (!LATER.contains(list + "." + name)) {
                fewer.put(name, without(name, member));
              }
            });
        yield fewer.build();
      }
      case Json.Arr array ->
          new Json.Arr(array.items().stream().map(item -> without(list, item)).toList());
      case Json.Text _, Json.Num _, Json.Bool _, Json.Null _ -> value;
    };
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
