package dev.patronus.notify;

import dev.patronus.alert.AlertRule;
import dev.patronus.alert.AlertState;
import dev.patronus.alert.AlertState.Event;
import dev.patronus.alert.Bound;
import dev.patronus.alert.Unit;
import dev.patronus.json.Json;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.text.HumanFormat;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// What is announced of an alert.
///
/// Immutable.
///
/// @param state of the alert after the event
/// @param at when it happened
/// @param host the name of this machine
/// @param database the database of the daemon
/// @param test whether it is a test of the actions
public record Notice(
    AlertRule rule,
    Event event,
    AlertState state,
    Instant at,
    String host,
    String database,
    boolean test) {
  private static final int SCHEMA = 1;

  public Notice {
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(database, "database");
  }

  /// A test notice of an alert in this state, with the limit of the rule where none was evaluated.
  public static Notice test(AlertRule rule, AlertState state, Instant at, String database) {
    AlertState shown =
        state.evaluation().limit().isEmpty() && rule.bound() instanceof Bound.Fixed(double limit)
            ? state.with(state.evaluation().withLimit(limit))
            : state;
    return new Notice(rule, Event.FIRED, shown, at, thisHost(), database, true);
  }

  /// The name of this machine.
  public static String thisHost() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException _) {
      return "unknown";
    }
  }

  /// `firing` or `recovered`.
  public String word() {
    return switch (event) {
      case FIRED -> "firing";
      case RECOVERED -> "recovered";
    };
  }

  /// One line for people.
  public String sentence() {
    String what =
        switch (event) {
          case FIRED -> " is firing";
          case RECOVERED -> " has recovered";
        };
    return (test ? "test: " : "")
        + "alert "
        + rule.name()
        + what
        + ": "
        + text(rule.subject().unit(), state.evaluation().value())
        + ", limit "
        + limit()
        + " ("
        + HumanFormat.visible(rule.text())
        + ")";
  }

  private String limit() {
    OptionalDouble evaluated = state.evaluation().limit();
    return evaluated.isEmpty() ? limit(rule) : text(rule.subject().unit(), evaluated);
  }

  /// The limit of a rule with its unit, for people: `80.0 Mbit/s`, `150% of usual`.
  public static String limit(AlertRule rule) {
    return switch (rule.bound()) {
      case Bound.Fixed(double value) -> bound(rule, value);
      case Bound.OfUsual(double percent) -> bound(rule, percent);
    };
  }

  /// A number in the unit of a rule's limit, for people.
  public static String bound(AlertRule rule, double number) {
    return rule.bound() instanceof Bound.Fixed
        ? text(rule.subject().unit(), OptionalDouble.of(number))
        : text(Unit.PERCENT, OptionalDouble.of(number)) + " of usual";
  }

  /// A value with its unit, for people; `-` if there is none.
  public static String text(Unit unit, OptionalDouble value) {
    if (value.isEmpty()) {
      return "-";
    }
    HumanFormat format = new HumanFormat(ZoneOffset.UTC, false);
    double number = value.getAsDouble();
    return switch (unit) {
      case COUNT -> HumanFormat.grouped(Math.round(number));
      case BYTES -> format.text(Kind.BYTES, number);
      case BYTES_PER_SECOND -> format.text(Kind.BYTE_RATE, number);
      case PACKETS_PER_SECOND -> format.text(Kind.RATE, number) + " packets/s";
      case SECONDS -> Double.isInfinite(number) ? "never" : format.text(Kind.SECONDS, number);
      case MILLISECONDS -> format.text(Kind.MILLIS, number);
      case PERCENT -> format.text(Kind.PERCENT, number);
      case MEGABITS -> format.text(Kind.MEGABITS, number) + " Mbit/s";
    };
  }

  /// The document that a webhook gets.
  Json.Obj json() {
    Json.Builder json =
        Json.object()
            .put("schema", SCHEMA)
            .put("alert", rule.name())
            .put("state", word())
            .put("rule", rule.text())
            .put("message", sentence())
            .put("unit", unit());
    put(json, "value", state.evaluation().value());
    put(json, "limit", state.evaluation().limit());
    return json.put("since", state.since().toString())
        .put("at", at.toString())
        .put("host", host)
        .put("database", database)
        .put("test", test)
        .build();
  }

  private static void put(Json.Builder json, String name, OptionalDouble value) {
    if (value.isPresent() && Double.isFinite(value.getAsDouble())) {
      json.put(name, value.getAsDouble());
    } else {
      json.putNull(name);
    }
  }

  private String unit() {
    return rule.subject().unit().name().toLowerCase(Locale.ROOT);
  }

  /// The variables that a command gets.
  Map<String, String> variables() {
    Map<String, String> variables = new TreeMap<>();
    variables.put("PATRONUS_ALERT_NAME", rule.name());
    variables.put("PATRONUS_ALERT_STATE", word());
    variables.put("PATRONUS_ALERT_RULE", rule.text());
    variables.put("PATRONUS_ALERT_MESSAGE", sentence());
    variables.put("PATRONUS_ALERT_VALUE", plain(state.evaluation().value()));
    variables.put("PATRONUS_ALERT_LIMIT", plain(state.evaluation().limit()));
    variables.put("PATRONUS_ALERT_UNIT", unit());
    variables.put("PATRONUS_ALERT_SINCE", state.since().toString());
    variables.put("PATRONUS_ALERT_AT", at.toString());
    variables.put("PATRONUS_ALERT_HOST", host);
    variables.put("PATRONUS_ALERT_DATABASE", database);
    variables.put("PATRONUS_ALERT_TEST", test ? "1" : "0");
    return variables;
  }

  private static String plain(OptionalDouble value) {
    return value.isPresent() && Double.isFinite(value.getAsDouble())
        ? new BigDecimal(Double.toString(value.getAsDouble())).toPlainString()
        : "";
  }
}
