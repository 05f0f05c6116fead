package dev.patronus.audit;

import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

  /// The event's details in words: `site_id 5f0a…, blocked false`; empty where there are none.
  public String details() {
    return switch (data()) {
      case Json.Text(String text) -> text.equals(eventType) ? "" : text;
      case Json.Obj event -> inner(event);
      case Json.Arr list -> list.toString();
      case Json.Num number -> number.toString();
      case Json.Bool truth -> truth.toString();
      case Json.Null _ -> "";
    };
  }

  private String inner(Json.Obj event) {
    List<Json> values = List.copyOf(event.members().values());
    boolean wrapped = values.size() == 1 && event.members().containsKey(eventType);
    return wrapped && values.getFirst() instanceof Json.Obj members ? words(members) : words(event);
  }

  private static String words(Json.Obj members) {
    return members.members().entrySet().stream()
        .map(member -> member.getKey() + " " + word(member.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String word(Json value) {
    return value instanceof Json.Text(String text) ? text : value.toString();
  }
}
