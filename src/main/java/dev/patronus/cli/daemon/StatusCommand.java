package dev.patronus.cli.daemon;

import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.control.answer.TemplatesAnswer;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.Json;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.table.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `patronus status`: is the daemon live, is it ready, what does it see.
public final class StatusCommand extends WatchedCommand {
  private static final List<Column<Json.Obj>> SOURCES =
      List.of(
          column("source", "SOURCE", Kind.KEY),
          column("state", "STATE", Kind.STATUS),
          column("received", "RECEIVED", Kind.COUNT),
          column("decoded", "DECODED", Kind.COUNT),
          column("dropped", "DROPPED", Kind.COUNT).partOf("received"),
          column("lost", "LOST", Kind.COUNT).partOf("received"),
          column("reason", "REASON", Kind.TEXT).detailIf(true));

  private static final List<Column<Json.Obj>> EXPORTERS =
      List.of(
          column("exporter", "EXPORTER", Kind.ID),
          column("versions", "VERSIONS", Kind.TEXT),
          column("templates", "TEMPLATES", Kind.COUNT),
          column("sampling", "SAMPLING", Kind.TEXT),
          column("records", "RECORDS", Kind.COUNT),
          column("dropped", "DROPPED", Kind.COUNT),
          column("lost", "LOST", Kind.COUNT),
          column("records_dropped", "RECORDS DROPPED", Kind.COUNT).detailIf(true),
          column("sets_dropped", "SETS DROPPED", Kind.COUNT).detailIf(true),
          column("waiting", "WAITED", Kind.COUNT).detailIf(true),
          column("sets_waiting", "WAITING", Kind.COUNT),
          column("payload_bytes", "PAYLOAD", Kind.FLAG),
          column("clock_skew_seconds", "SKEW", Kind.SECONDS),
          column("last_seen", "LAST SEEN", Kind.TIME));

  private static final List<Column<Json.Obj>> RATES =
      List.of(
          column("exporter", "EXPORTER", Kind.ID),
          column("name", "NAME", Kind.TEXT),
          column("source", "SOURCE", Kind.TEXT),
          column("templates", "TEMPLATES", Kind.COUNT),
          column("sampling", "SAMPLING", Kind.TEXT),
          column("sampling_from", "RATE FROM", Kind.TEXT),
          column("sampling_since", "RATE SINCE", Kind.TIME));

  private static final List<Column<Drop>> DROPS =
      List.of(
          Column.of("exporter", "EXPORTER", Kind.ID, Drop::exporter),
          Column.of("reason", "REASON", Kind.TEXT, Drop::reason),
          Column.of("dropped", "DROPPED", Kind.COUNT, Drop::dropped));

  /// What was dropped of an exporter for one reason.
  private record Drop(String exporter, String reason, long dropped) {}

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
          "show each exporter's templates and sampling rate, where the rate comes from, and what"
              + " waits for a template");

  public StatusCommand() {
    super(
        "Shows the daemon's start time, its last snapshot, and the state and counters"
            + " of each source and exporter: RECEIVED counts datagrams, packets or entries of the"
            + " connection table, DECODED flow records, DROPPED what became none, whose reasons"
            + " follow, and LOST what never arrived, by its sequence numbers: counted when 32 more"
            + " datagrams have come, since until then it may be late.");
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
    if (check.given() && isWatched()) {
      throw new UserError(ExitCode.USAGE, "give --check or --watch, not both");
    }
    super.check();
  }

  @Override
  protected Answer answer(Invocation call) {
    Optional<Reply> reply = new DaemonConnection(call).ask(new Request.Status());
    if (reply.isEmpty()) {
      return absent(call);
    }
    Json.Obj status = ((Reply.Document) reply.get()).members();
    if (templates.get()) {
      return templates(call, status);
    }
    return check.given() ? checked(status) : shown(call, status);
  }

  private Answer templates(Invocation call, Json.Obj status) {
    Answer answer = new Answer().table(table("exporters", "", RATES, status));
    if (status.list("exporters").isEmpty()) {
      answer.note("No exporter has sent anything yet.");
    }
    Optional<TemplatesAnswer> known =
        new DaemonConnection(call).ask(new Request.Templates(), TemplatesAnswer::read);
    if (known.isEmpty()) {
      return absent(call); // it stopped just now
    }
    ExporterTemplates.add(known.get(), call, answer);
    return answer;
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
    for (Json.Obj source : objects(status, "sources")) {
      if (source.find("reason").orElse(Json.Null.NULL) instanceof Json.Text(String reason)) {
        answer.say(
            "Source '" + source.text("source") + "' " + source.text("state") + ": " + reason);
      }
    }
    if (status.find("exporters").isPresent() && !status.list("exporters").isEmpty()) {
      answer.table(table("exporters", "Exporters", exporterColumns(status), status));
    }
    List<Drop> drops = drops(status);
    if (!drops.isEmpty()) {
      answer.table(Table.of("drops", DROPS, drops).titled("Dropped"));
    }
    return answer;
  }

  /// The columns of exporters; people see how many data sets wait only where some do.
  private static List<Column<Json.Obj>> exporterColumns(Json.Obj status) {
    boolean waiting =
        objects(status, "exporters").stream()
            .anyMatch(
                each -> each.find("sets_waiting").isPresent() && each.integer("sets_waiting") > 0);
    return EXPORTERS.stream()
        .map(each -> each.name().equals("sets_waiting") ? each.detailIf(!waiting) : each)
        .toList();
  }

  /// What was dropped of each exporter, and of addresses that are none, by reason.
  private static List<Drop> drops(Json.Obj status) {
    List<Drop> drops = new ArrayList<>();
    for (Json.Obj exporter : objects(status, "exporters")) {
      exporter
          .object("drops")
          .members()
          .forEach((reason, dropped) ->
              drops.add(
                  new Drop(exporter.text("exporter"), reason, ((Json.Num) dropped).toLong())));
    }
    for (Json.Obj source : objects(status, "sources")) {
      if (source.find("strangers").isPresent()) {
        source
            .object("strangers")
            .members()
            .forEach((reason, dropped) ->
                drops.add(new Drop("(others)", reason, ((Json.Num) dropped).toLong())));
      }
    }
    return drops;
  }

  private static Map<Heading, Object> facts(Invocation call, Json.Obj status) {
    Map<Heading, Object> facts = new LinkedHashMap<>();
    Instant started = Instant.parse(status.text("started_at"));
    facts.put(Heading.of("state", Kind.STATUS), status.bool("ready") ? "ready" : "not ready");
    facts.put(Heading.of("process", Kind.ID), status.integer("pid"));
    facts.put(Heading.of("started", Kind.TIME), started);
    facts.put(
        Heading.of("uptime_seconds", Kind.SECONDS),
        Math.max(0, Duration.between(started, call.now()).toSeconds()));
    facts.put(Heading.of("database", Kind.TEXT), status.text("database"));
    facts.put(
        Heading.of("last_snapshot", Kind.TIME),
        text(status, "last_snapshot").map(Instant::parse).orElse(null));
    text(status, "not_ready_because")
        .ifPresent(cause -> facts.put(Heading.of("because", Kind.TEXT), cause));
    facts.put(Heading.of("policies", Kind.COUNT), status.integer("policies"));
    facts.put(Heading.of("active_flows", Kind.COUNT), status.integer("active_flows"));
    facts.put(
        Heading.of("unmatched_bytes", Kind.BYTES), status.object("unmatched").integer("bytes"));
    facts.put(Heading.of("tunnel_bytes", Kind.BYTES), status.object("tunnels").integer("bytes"));
    facts.put(Heading.of("estimated", Kind.FLAG), status.bool("estimated"));
    if (status.find("hub").orElse(Json.Null.NULL) instanceof Json.Obj hub) {
      facts.put(Heading.of("hub", Kind.TEXT), hub.text("address"));
      facts.put(Heading.of("hub_last_sent", Kind.TIME), cell("last_sent", Kind.TIME, hub));
      facts.put(Heading.of("hub_rows_waiting", Kind.COUNT), hub.integer("rows_waiting"));
      if (hub.find("error").orElse(Json.Null.NULL) instanceof Json.Text(String error)) {
        facts.put(Heading.of("hub_error", Kind.TEXT), error);
      }
    }
    return facts;
  }

  private static Table<Json.Obj> table(
      String name, String title, List<Column<Json.Obj>> columns, Json.Obj status) {
    return Table.of(name, columns, objects(status, name)).titled(title);
  }

  private static List<Json.Obj> objects(Json.Obj status, String name) {
    return status.list(name).stream().map(Json.Obj.class::cast).toList();
  }

  private static Column<Json.Obj> column(String name, String title, Kind kind) {
    return Column.of(name, title, kind, item -> cell(name, kind, item));
  }

  private static @Nullable Object cell(String name, Kind kind, Json.Obj item) {
    return switch (item.find(name).orElse(Json.Null.NULL)) {
      case Json.Text(String text) -> kind == Kind.TIME ? Instant.parse(text) : text;
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
