package dev.patronus.cli.daemon;

import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.control.Request;
import dev.patronus.control.answer.ExporterAnswer;
import dev.patronus.control.answer.SourceAnswer;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.control.answer.StatusAnswer.Health;
import dev.patronus.control.answer.StatusAnswer.Instance;
import dev.patronus.control.answer.StatusAnswer.Traffic;
import dev.patronus.control.answer.TemplatesAnswer;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.table.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `patronus status`: is the daemon live, is it ready, what does it see.
public final class StatusCommand extends WatchedCommand {
  private static final List<Column<SourceAnswer>> SOURCES =
      List.of(
          Column.of("source", Kind.KEY, SourceAnswer::source),
          Column.of("state", Kind.STATUS, SourceAnswer::state),
          Column.of("received", Kind.COUNT, SourceAnswer::received),
          Column.of("decoded", Kind.COUNT, SourceAnswer::decoded),
          Column.of("dropped", Kind.COUNT, SourceAnswer::dropped).partOf("received"),
          Column.of("lost", Kind.COUNT, SourceAnswer::lost).partOf("received"),
          Column.detail("reason", Kind.TEXT, SourceAnswer::reason));

  private static final List<Column<ExporterAnswer>> EXPORTERS =
      List.of(
          Column.of("exporter", Kind.ID, ExporterAnswer::exporter),
          Column.of("receiver", Kind.COUNT, ExporterAnswer::receiver),
          Column.of("versions", Kind.TEXT, ExporterAnswer::versions),
          Column.of("templates", Kind.COUNT, ExporterAnswer::templates),
          Column.of("sampling", Kind.TEXT, ExporterAnswer::sampling),
          Column.of("records", Kind.COUNT, ExporterAnswer::records),
          Column.of("dropped", Kind.COUNT, each -> each.drops().total()),
          Column.of("lost", Kind.COUNT, ExporterAnswer::lost),
          Column.detail("records_dropped", Kind.COUNT, each -> each.drops().records()),
          Column.detail("sets_dropped", Kind.COUNT, each -> each.drops().sets()),
          Column.of("waiting", "WAITED", Kind.COUNT, (ExporterAnswer each) -> each.waiting().sets())
              .detailIf(true),
          Column.of("sets_waiting", "WAITING", Kind.COUNT, each -> each.waiting().now()),
          Column.of("payload_bytes", "PAYLOAD", Kind.FLAG, ExporterAnswer::payloadBytes),
          Column.of("clock_skew_seconds", "SKEW", Kind.SECONDS, ExporterAnswer::clockSkewSeconds),
          Column.of("last_seen", Kind.TIME, ExporterAnswer::lastSeen));

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
    Optional<StatusAnswer> status =
        new DaemonConnection(call).ask(new Request.Status(), StatusAnswer::read);
    if (status.isEmpty()) {
      return absent(call);
    }
    if (templates.get()) {
      return templates(call, status.get());
    }
    return check.given() ? checked(status.get().health()) : shown(call, status.get());
  }

  private Answer templates(Invocation call, StatusAnswer status) {
    Answer answer = new Answer();
    ExporterTemplates.addRates(status.exporters(), answer);
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

  private Answer checked(Health health) {
    boolean good = check.get() == Check.LIVE ? health.live() : health.ready();
    String word = (good ? "" : "not ") + (check.get() == Check.LIVE ? "live" : "ready");
    String why = health.notReadyBecause().map(cause -> ": " + cause).orElse("");
    return new Answer()
        .report()
        .member("live", health.live())
        .member("ready", health.ready())
        .member("message", word + (good ? "" : why))
        .say(word + (good ? "" : why))
        .exit(good ? ExitCode.DONE : ExitCode.NO_DAEMON);
  }

  private static Answer shown(Invocation call, StatusAnswer status) {
    Answer answer = new Answer();
    if (call.format() == Format.JSON) {
      status.summary().members().forEach(answer::member);
    }
    answer.facts("daemon", "", facts(call, status));
    answer.table(Table.of("sources", SOURCES, status.sources()).titled("Sources"));
    for (SourceAnswer source : status.sources()) {
      source
          .reason()
          .ifPresent(reason ->
              answer.say("Source '" + source.source() + "' " + source.state() + ": " + reason));
    }
    List<ExporterAnswer> exporters = status.exporters();
    if (!exporters.isEmpty()) {
      answer.table(
          Table.of("exporters", exporterColumns(exporters), exporters).titled("Exporters"));
    }
    List<Drop> drops = drops(status);
    if (!drops.isEmpty()) {
      answer.table(Table.of("drops", DROPS, drops).titled("Dropped"));
    }
    return answer;
  }

  /// The columns of exporters; people see how many data sets wait only where some do, and the
  /// receiver where an address has several.
  private static List<Column<ExporterAnswer>> exporterColumns(List<ExporterAnswer> exporters) {
    boolean waiting = exporters.stream().anyMatch(each -> each.waiting().now().orElse(0L) > 0);
    boolean several = exporters.stream().anyMatch(each -> each.receiver() > 1);
    return EXPORTERS.stream()
        .map(each ->
            switch (each.name()) {
              case "sets_waiting" -> each.detailIf(!waiting);
              case "receiver" -> each.detailIf(!several);
              default -> each;
            })
        .toList();
  }

  /// What was dropped of each exporter, and of addresses that are none, by reason.
  private static List<Drop> drops(StatusAnswer status) {
    List<Drop> drops = new ArrayList<>();
    for (ExporterAnswer exporter : status.exporters()) {
      exporter
          .drops()
          .reasons()
          .forEach((reason, dropped) -> drops.add(new Drop(exporter.exporter(), reason, dropped)));
    }
    for (SourceAnswer source : status.sources()) {
      source
          .strangers()
          .orElse(Map.of())
          .forEach((reason, dropped) -> drops.add(new Drop("(others)", reason, dropped)));
    }
    return drops;
  }

  private static Map<Heading, @Nullable Object> facts(Invocation call, StatusAnswer status) {
    Map<Heading, @Nullable Object> facts = new LinkedHashMap<>();
    Instance instance = status.instance();
    Traffic traffic = status.traffic();
    facts.put(Heading.of("state", Kind.STATUS), status.health().ready() ? "ready" : "not ready");
    facts.put(Heading.of("process", Kind.ID), instance.pid());
    facts.put(Heading.of("started", Kind.TIME), instance.startedAt());
    facts.put(
        Heading.of("uptime_seconds", Kind.SECONDS),
        Math.max(0, Duration.between(instance.startedAt(), call.now()).toSeconds()));
    facts.put(Heading.of("database", Kind.TEXT), instance.database());
    facts.put(Heading.of("last_snapshot", Kind.TIME), status.snapshots().last().orElse(null));
    status
        .health()
        .notReadyBecause()
        .ifPresent(cause -> facts.put(Heading.of("because", Kind.TEXT), cause));
    facts.put(Heading.of("policies", Kind.COUNT), traffic.policies());
    facts.put(Heading.of("active_flows", Kind.COUNT), traffic.activeFlows());
    facts.put(Heading.of("unmatched_bytes", Kind.BYTES), traffic.unmatched().bytes());
    facts.put(Heading.of("tunnel_bytes", Kind.BYTES), traffic.tunnels().bytes());
    facts.put(Heading.of("estimated", Kind.FLAG), traffic.estimated());
    status
        .hub()
        .ifPresent(hub -> {
          facts.put(Heading.of("hub", Kind.TEXT), hub.address());
          facts.put(Heading.of("hub_last_sent", Kind.TIME), hub.lastSent().orElse(null));
          facts.put(Heading.of("hub_rows_waiting", Kind.COUNT), hub.rowsWaiting());
          hub.error().ifPresent(error -> facts.put(Heading.of("hub_error", Kind.TEXT), error));
        });
    return facts;
  }
}
