package dev.patronus.cli.db;

import dev.patronus.audit.AuditRecord;
import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.store.AuditTable;
import dev.patronus.store.Database;
import dev.patronus.time.TimeRange;
import dev.patronus.time.TimeText;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// `patronus audit`: who changed what, newest first.
public final class AuditCommand extends Command {
  private static final int DEFAULT_ROWS = 100;
  private static final int MOST_ROWS = 100_000;
  private final Option<String> since =
      option("--since", "TIME", text -> text, "from this time: 24h, yesterday, 2026-11-01, …");
  private final Option<String> until =
      option("--until", "TIME", text -> text, "before this time (exclusive)");
  private final Option<List<String>> users =
      options(
          "--user",
          "USER",
          text -> text,
          Completes.NOTHING,
          "only by this user (name or mail address)");
  private final Option<List<String>> types =
      options(
          "--type", "EVENT", text -> text, Completes.NOTHING, "only these events: site_delete, …");
  private final Option<List<String>> severities =
      options(
          "--severity", "WORD", text -> text, Completes.NOTHING, "only these: info, warning, …");
  private final Option<Boolean> failed = flag("--failed", "only failed actions");
  private final Option<Long> limit =
      option(
          "-n --limit",
          "N",
          text -> EnumNames.wholeNumber(text, 1),
          "show the newest N (default: " + DEFAULT_ROWS + ")");

  public AuditCommand() {
    super(
        "Shows the audit trail, which is shared with the platform's dashboard: who"
            + " changed what, from where, and whether it succeeded. 'patronus export audit'"
            + " exports all of it.");
    example("audit", "the newest changes");
    example("audit --since 7d --type site_delete", "sites deleted this week");
    example("audit --failed --user alice --json", "failed actions of alice as JSON");
  }

  @Override
  public Answer run(Invocation call) {
    TimeRange range =
        new TimeText(call.now(), call.zone())
            .range(Optional.ofNullable(since.get()), Optional.ofNullable(until.get()));
    Database database = call.database();
    int most = (int) Math.min(limit.or((long) DEFAULT_ROWS), MOST_ROWS);
    List<AuditRecord> found = new AuditTable(database).newest(wanted(range), most + 1);
    boolean more = found.size() > most;
    Answer answer = new Answer().member("since", range.since().orElse(null));
    answer.member("until", range.until().orElse(null)).member("truncated", more);
    answer.table(Table.of("events", columns(call.format()), found).first(most));
    summary(database, found.isEmpty(), more, answer);
    return answer;
  }

  private Predicate<AuditRecord> wanted(TimeRange range) {
    Predicate<AuditRecord> inRange =
        range.equals(TimeRange.ALL)
            ? _ -> true
            : row -> row.at().map(range::contains).orElse(false);
    return inRange
        .and(row -> isOneOf(users, row.userId()) || isOneOf(users, row.userEmail()))
        .and(row -> isOneOf(types, row.eventType()))
        .and(row -> isOneOf(severities, row.severity()))
        .and(row -> !failed.get() || !row.success());
  }

  private static boolean isOneOf(Option<List<String>> wanted, String value) {
    return !wanted.given()
        || (value != null && wanted.get().stream().anyMatch(value::equalsIgnoreCase));
  }

  private static List<Column<AuditRecord>> columns(Format format) {
    boolean people = format == Format.TABLE;
    boolean plain = people || format == Format.CSV;
    return List.of(
        Column.of(
            "timestamp",
            "TIME",
            Kind.TIME,
            row -> row.at().<Object>map(at -> at).orElse(row.timestamp())),
        Column.of(
            "user_id",
            "USER",
            Kind.TEXT,
            row -> people && row.userId() == null ? row.userEmail() : row.userId()),
        Column.of("event_type", "EVENT", Kind.ID, AuditRecord::eventType),
        Column.of("success", "OK", Kind.FLAG, AuditRecord::success),
        Column.of(
            "event_data",
            "DETAILS",
            Kind.TEXT,
            row -> people ? row.details() : plain ? row.eventData() : row.data()),
        Column.detail("severity", Kind.STATUS, AuditRecord::severity),
        Column.detail("ip_address", Kind.ID, AuditRecord::ipAddress),
        Column.detail("user_email", Kind.TEXT, AuditRecord::userEmail),
        Column.detail("user_agent", Kind.TEXT, AuditRecord::userAgent),
        Column.detail("id", Kind.ID, row -> Long.toString(row.id())));
  }

  private static void summary(Database database, boolean none, boolean more, Answer answer) {
    if (!database.schema().has("audit_logs")) {
      answer.note(
          "The database has no table audit_logs (older platform version); it is"
              + " created on the first change.");
    } else if (none) {
      answer.note("No matching events.");
    } else if (more) {
      answer.note("There are more events; use --limit to show them.");
    }
  }
}
