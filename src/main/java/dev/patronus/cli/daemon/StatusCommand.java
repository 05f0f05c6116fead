package dev.patronus.cli.daemon;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.WatchOptions;
import dev.patronus.cli.watch.AnswerWatch;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.Json;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// `patronus status`: is the daemon live, is it ready, what does it see.
public final class StatusCommand extends Command {
  private static final Column[] SOURCES = {
    Column.of("source", "SOURCE", Kind.TEXT),
    Column.of("state", "STATE", Kind.STATUS),
    Column.of("received", "RECEIVED", Kind.COUNT),
    Column.of("decoded", "DECODED", Kind.COUNT),
    Column.of("dropped", "DROPPED", Kind.COUNT),
    Column.of("lost", "LOST", Kind.COUNT),
    Column.of("reason", "REASON", Kind.TEXT),
  };

  private static final Column[] EXPORTERS = {
    Column.of("exporter", "EXPORTER", Kind.ID),
    Column.of("versions", "VERSIONS", Kind.TEXT),
    Column.of("templates", "TEMPLATES", Kind.COUNT),
    Column.of("sampling", "SAMPLING", Kind.TEXT),
    Column.of("records", "RECORDS", Kind.COUNT),
    Column.of("dropped", "DROPPED", Kind.COUNT),
    Column.of("lost", "LOST", Kind.COUNT),
    Column.detail("records_dropped", Kind.COUNT),
    Column.detail("sets_dropped", Kind.COUNT),
    Column.detail("waiting", Kind.COUNT),
    Column.of("payload_bytes", "PAYLOAD", Kind.FLAG),
    Column.of("clock_skew_seconds", "SKEW", Kind.SECONDS),
    Column.of("last_seen", "LAST SEEN", Kind.TIME),
  };

  private static final Column[] TEMPLATES = {
    Column.of("exporter", "EXPORTER", Kind.ID),
    Column.of("name", "NAME", Kind.TEXT),
    Column.of("source", "SOURCE", Kind.TEXT),
    Column.of("templates", "TEMPLATES", Kind.COUNT),
    Column.of("sampling", "SAMPLING", Kind.TEXT),
    Column.of("sampling_from", "RATE FROM", Kind.TEXT),
    Column.of("sampling_since", "RATE SINCE", Kind.TIME),
  };

  private static final Column[] DROPS = {
    Column.of("exporter", "EXPORTER", Kind.ID),
    Column.of("reason", "REASON", Kind.ID),
    Column.of("dropped", "DROPPED", Kind.COUNT),
  };

  /// What a check may ask for.
  enum Check {
    LIVE,
    READY
  }

  private final Option<Check> check =
      choice(
          "--check",
          "WHAT",
          Check.class,
          "live (it responds) or ready (it collects and saves): exit code 0 or 6, one"
              + " line of output");

  private final Option<Boolean> templates =
      flag(
          "--templates",
          "show each exporter's templates and sampling rate, and where the rate comes from");

  private final WatchOptions watch = new WatchOptions(this, "");

  public StatusCommand() {
    super(
        "Shows the daemon's start time, its last snapshot, and the state and counters"
            + " of each source and exporter.");
    example("status", "status of the daemon, its sources and exporters");
    example("status --watch 1s --count 2", "refreshed, two updates a second apart");
    example(
        "status --check ready", "for scripts: exits with 0 if it collects and saves, else with 6");
  }

  @Override
  protected void check() {
    if (templates.get() && check.given()) {
      throw new UserError(ExitCode.USAGE, "give --check or --templates, not both");
    }
    if (check.given() && watch.given()) {
      throw new UserError(ExitCode.USAGE, "give --check or --watch, not both");
    }
    watch.check();
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    return watch.given()
        ? AnswerWatch.run(call, watch.interval(), watch.readingsMax(), this::answer)
        : answer(call);
  }

  private Answer answer(Invocation call) {
    Optional<Reply> reply = new DaemonConnection(call).ask(new Request.Status());
    if (reply.isEmpty()) {
      return absent(call);
    }
    Json.Obj status = ((Reply.Document) reply.get()).members();
    if (templates.get()) {
      Answer answer = new Answer().table(table("exporters", "", TEMPLATES, status));
      return status.list("exporters").isEmpty()
          ? answer.note("No exporter has sent anything yet.")
          : answer;
    }
    return check.given() ? checked(status) : shown(call, status);
  }

  private static Answer absent(Invocation call) {
    return new Answer()
        .member("live", false)
        .member("ready", false)
        .member("message", "no daemon answers at " + call.socketFile())
        .say(
            "No daemon answers at "
                + call.socketFile()
                + ". Start it with 'systemctl start patronus' or 'patronus daemon';"
                + " 'patronus doctor' diagnoses further.")
        .exit(ExitCode.NO_DAEMON);
  }

  private Answer checked(Json.Obj status) {
    boolean ready = status.bool("ready");
    boolean good = check.get() == Check.LIVE ? status.bool("live") : ready;
    String word = (good ? "" : "not ") + (check.get() == Check.LIVE ? "live" : "ready");
    String why = text(status, "not_ready_because").map(cause -> ": " + cause).orElse("");
    return new Answer()
        .report()
        .member("live", status.bool("live"))
        .member("ready", ready)
        .member("message", word + (good ? "" : why))
        .say(word + (good ? "" : why))
        .exit(good ? ExitCode.DONE : ExitCode.NO_DAEMON);
  }

  private static Answer shown(Invocation call, Json.Obj status) {
    Answer answer = new Answer();
    status
        .members()
        .forEach((name, value) -> {
          if (!name.equals("sources") && !name.equals("exporters")) {
            answer.member(name, value);
          }
        });
    answer.facts("daemon", "", facts(call, status));
    answer.table(table("sources", "Sources", SOURCES, status));
    if (status.find("exporters").isPresent() && !status.list("exporters").isEmpty()) {
      answer.table(table("exporters", "Exporters", EXPORTERS, status));
      drops(status).ifPresent(answer::table);
    }
    return answer;
  }

  /// What was dropped of each exporter, by reason; empty if nothing was.
  private static Optional<Table> drops(Json.Obj status) {
    Table table = new Table("drops", "Dropped", DROPS);
    boolean any = false;
    for (Json item : status.list("exporters")) {
      Json.Obj exporter = (Json.Obj) item;
      for (Map.Entry<String, Json> drop : exporter.object("drops").members().entrySet()) {
        any = true;
        table.row(exporter.text("exporter"), drop.getKey(), ((Json.Num) drop.getValue()).toLong());
      }
    }
    return any ? Optional.of(table) : Optional.empty();
  }

  private static Map<Column, Object> facts(Invocation call, Json.Obj status) {
    Map<Column, Object> facts = new LinkedHashMap<>();
    Instant started = Instant.parse(status.text("started_at"));
    facts.put(Column.of("state", Kind.STATUS), status.bool("ready") ? "ready" : "not ready");
    facts.put(Column.of("process", Kind.ID), status.integer("pid"));
    facts.put(Column.of("started", Kind.TIME), started);
    facts.put(
        Column.of("uptime_seconds", Kind.SECONDS),
        Math.max(0, Duration.between(started, call.now()).toSeconds()));
    facts.put(Column.of("database", Kind.TEXT), status.text("database"));
    facts.put(
        Column.of("last_snapshot", Kind.TIME),
        text(status, "last_snapshot").map(Instant::parse).orElse(null));
    text(status, "not_ready_because")
        .ifPresent(cause -> facts.put(Column.of("because", Kind.TEXT), cause));
    facts.put(Column.of("policies", Kind.COUNT), status.integer("policies"));
    facts.put(Column.of("active_flows", Kind.COUNT), status.integer("active_flows"));
    facts.put(
        Column.of("unmatched_bytes", Kind.BYTES), status.object("unmatched").integer("bytes"));
    facts.put(Column.of("tunnel_bytes", Kind.BYTES), status.object("tunnels").integer("bytes"));
    facts.put(Column.of("estimated", Kind.FLAG), status.bool("estimated"));
    return facts;
  }

  private static Table table(String name, String title, Column[] columns, Json.Obj status) {
    Table table = new Table(name, title, columns);
    for (Json item : status.list(name)) {
      Object[] cells = new Object[columns.length];
      for (int i = 0; i < cells.length; i++) {
        cells[i] = cell(columns[i], (Json.Obj) item);
      }
      table.row(cells);
    }
    return table;
  }

  private static Object cell(Column column, Json.Obj item) {
    return switch (item.find(column.name()).orElse(Json.Null.NULL)) {
      case Json.Text(String text) -> column.kind() == Kind.TIME ? Instant.parse(text) : text;
      case Json.Num number -> number.isInteger() ? (Object) number.toLong() : number.toDouble();
      case Json.Bool(boolean flag) -> flag;
      case Json.Null _ -> null;
      case Json.Arr array -> array;
      case Json.Obj object -> object;
    };
  }

  private static Optional<String> text(Json.Obj json, String name) {
    return json.find(name).map(_ -> json.text(name));
  }
}
