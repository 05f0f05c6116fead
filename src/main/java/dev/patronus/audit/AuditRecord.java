package dev.patronus.audit;

import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A row of the audit trail, written by the platform or by this program.
///
/// Immutable. The platform's dashboard writes rows too; those that it leaves empty are null.
///
/// @param timestamp RFC 3339, in whatever offset
/// @param eventData JSON: a text, or an object of one member that has the type's name
public record AuditRecord(
    long id,
    String timestamp,
    String userId,
    String userEmail,
    String ipAddress,
    String userAgent,
    String eventType,
    String eventData,
    boolean success,
    String severity) {

  public AuditRecord {
    Objects.requireNonNull(timestamp, "timestamp");
    Objects.requireNonNull(eventType, "eventType");
    Objects.requireNonNull(eventData, "eventData");
    Objects.requireNonNull(severity, "severity");
  }

  /// When it happened; empty if the text is no time.
  public Optional<Instant> at() {
    try {
      return Optional.of(OffsetDateTime.parse(timestamp).toInstant());
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  /// The event's data as a value; a text where it is no JSON.
  public Json data() {
    try {
      return Json.parse(eventData);
    } catch (UnreadableJson _) {
      return new Json.Text(eventData);
    }
  }

  /// What the event is about.
  ///
  /// @param kind `site`, `policy` or `path`
  /// @param id as the event has it; of a reset, `all`
  /// @param name what people call it; empty where the event does not say
  public record Subject(String kind, String id, Optional<String> name) {
    private static final List<String> KINDS = List.of("site", "policy", "path");

    static Optional<Subject> of(Json.Obj members) {
      for (String kind : KINDS) {
        Optional<Json> id = members.find(kind + "_id");
        if (id.isPresent()) {
          Optional<Json> name = members.find(kind + "_name");
          return Optional.of(new Subject(kind, word(id.get()), name.map(AuditRecord::word)));
        }
      }
      return Optional.empty();
    }
  }

  /// What the event is about; empty where it names no single thing.
  public Optional<Subject> subject() {
    return data() instanceof Json.Obj event ? Subject.of(inner(event)) : Optional.empty();
  }

  /// The event's details in words: `site_id 5f0a…`; empty where there are none. The name of its
  /// [#subject()] is not among them, nor that a change was not blocked.
  ///
  /// @param named whether the name of its subject stands beside them: then without the subject's id
  public String details(boolean named) {
    return switch (data()) {
      case Json.Text(String text) -> text.equals(eventType) ? "" : text;
      case Json.Obj event -> words(inner(event), named);
      case Json.Arr list -> list.toString();
      case Json.Num number -> number.toString();
      case Json.Bool truth -> truth.toString();
      case Json.Null _ -> "";
    };
  }

  private Json.Obj inner(Json.Obj event) {
    List<Json> values = List.copyOf(event.members().values());
    boolean wrapped = values.size() == 1 && event.members().containsKey(eventType);
    return wrapped && values.getFirst() instanceof Json.Obj members ? members : event;
  }

  private static String words(Json.Obj members, boolean named) {
    Optional<Subject> subject = Subject.of(members);
    Set<String> left = new HashSet<>();
    subject
        .filter(about -> about.name().isPresent())
        .ifPresent(about -> left.add(about.kind() + "_name"));
    subject.filter(_ -> named).ifPresent(about -> left.add(about.kind() + "_id"));
    return members.members().entrySet().stream()
        .filter(member -> !left.contains(member.getKey()))
        .map(AuditRecord::words)
        .filter(words -> !words.isEmpty())
        .collect(Collectors.joining(", "));
  }

  private static String words(Map.Entry<String, Json> member) {
    return member.getKey().equals("blocked") && member.getValue() instanceof Json.Bool(boolean is)
        ? (is ? "blocked" : "")
        : member.getKey() + " " + word(member.getValue());
  }

  private static String word(Json value) {
    return value instanceof Json.Text(String text) ? text : value.toString();
  }
}
