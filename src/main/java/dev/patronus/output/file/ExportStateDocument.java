package dev.patronus.output.file;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.patronus.json.UnreadableJson;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/// What a state file holds.
///
/// Immutable.
///
/// @param version of the file's form
/// @param asked what was asked for: texts, lists of texts, and null, by name
/// @param mark up to where everything was handed over
/// @param pending the file that is on its way, if one is
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record ExportStateDocument(
    @JsonProperty(ExportStateDocument.VERSION) int version,
    @JsonProperty(required = true) Map<String, Object> asked,
    @JsonProperty(required = true) Checkpoint mark,
    Optional<Pending> pending) {
  private static final String VERSION = "patronus_state";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES) // an older version's file
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .build();

  /// A file on its way.
  ///
  /// @param part the path at which it is written
  /// @param inode the number of the complete file on its device; 0 while it is being written
  /// @param size of the complete file in bytes
  /// @param next the mark once it has its name; empty as long as it is still being written, when
  ///   nothing of it counts
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Pending(
      @JsonProperty(required = true) String part,
      long inode,
      long size,
      @JsonProperty("mark") Optional<Checkpoint> next) {
    Pending {
      Path _ = Path.of(part);
    }

    static Pending begun(Path part) {
      return new Pending(part.toString(), 0, 0, Optional.empty());
    }

    Path path() {
      return Path.of(part);
    }
  }

  ExportStateDocument {
    Objects.requireNonNull(asked, "asked");
    Objects.requireNonNull(mark, "mark");
  }

  ExportStateDocument(Map<String, Object> asked, Checkpoint mark, Optional<Pending> pending) {
    this(1, asked, mark, pending);
  }

  /// What was asked for, where something else is asked for now: `columns were stat_id,time`.
  String differenceTo(Map<String, Object> now) {
    StringJoiner difference = new StringJoiner(", ");
    Set<String> names = new LinkedHashSet<>(asked.keySet());
    names.addAll(now.keySet());
    for (String name : names) {
      Object then = asked.get(name);
      if (!Objects.equals(then, now.get(name))) {
        difference.add(
            name.replace('_', ' ')
                + (name.endsWith("s") ? " were " : " was ")
                + (then == null ? "not given" : words(then)));
      }
    }
    return difference.toString();
  }

  private static String words(Object value) {
    return value instanceof List<?> list
        ? String.join(",", list.stream().map(String::valueOf).toList())
        : String.valueOf(value);
  }

  String toText() {
    return MAPPER.writeValueAsString(this) + "\n";
  }

  /// Reads a state.
  ///
  /// @throws IllegalArgumentException if the text is none
  static ExportStateDocument parse(String text) {
    try {
      JsonNode state = MAPPER.readTree(text);
      if (!state.isObject()) {
        throw new IllegalArgumentException("it is not a JSON object");
      }
      int version = state.path(VERSION).asInt(0);
      if (version != 1) {
        throw new IllegalArgumentException("it has the unsupported version " + version);
      }
      return MAPPER.treeToValue(state, ExportStateDocument.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(UnreadableJson.reason(e.getOriginalMessage()), e);
    }
  }
}
