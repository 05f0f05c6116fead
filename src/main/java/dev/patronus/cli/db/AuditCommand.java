package dev.patronus.cli.db;

import dev.patronus.audit.AuditEvent;
import dev.patronus.audit.AuditRecord;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.Glob;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.store.AuditTable;
import dev.patronus.store.Database;
import dev.patronus.store.KnownNames;
import dev.patronus.time.TimeRange;
import dev.patronus.time.TimeText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `patronus audit`: who changed what, newest first.
public final class AuditCommand extends WatchedCommand {
  private static final int DEFAULT_ROWS = 100;
  private static final int MOST_ROWS = 100_000;

  /// The shape of the ids that the platform gives to its users.
  private static final Pattern OPAQUE = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-.*");

  /// The events that this program writes.
  private static final List<String> EVENTS =
      Stream.of(AuditEvent.Type.values()).map(AuditEvent.Type::word).toList();

  private static final List<String> SEVERITIES = List.of("info", "warning", "critical");

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
          "only by this user (id, name or mail address)");
  private final Option<List<String>> types =
      options(
          "--type", "EVENT", text -> text, EVENTS, "only these events: site_delete, '*_delete', …");
  private final Option<List<String>> severities =
      options(
          "--severity", "WORD", text -> text, SEVERITIES, "only these: info, warning, critical");
  private final Option<String> name =
      option(
          "--name",
          "NAME",
          text -> text,
          Completes.NOTHING,
          "only about the site or policy of this name or id");
  private final Option<Boolean> failed = flag("--failed", "only failed actions");
  private final Option<String> sort =
      option(
          "-s --sort",
          "COLUMN",
          text -> text,
          Completes.COLUMN,
          "sort what is shown by this column, by name or title (default: the newest first)");
  private final Option<Long> limit =
      option(
          "-n --limit",
          "N",
          text -> EnumNames.wholeNumber(text, 1),
          "show the newest N (default: " + DEFAULT_ROWS + ")");

  public AuditCommand() {
    super(
        "Shows the audit trail, which is shared with the platform's dashboard: who"
            + " changed what, from where, and whether it succeeded. NAME is the name of the"
            + " site or policy as the event has it, else as the database knows it now."
            + " 'patronus export audit' exports all of it.");
    example("audit", "the newest changes");
    example("audit --since 7d --type site_delete", "sites deleted this week");
    example("audit --type '*_delete' -n 20", "what was deleted last");
    example("audit --name oslo", "who deleted or restored oslo");
    example("audit --failed --user alice --json", "failed actions of alice as JSON");
  }

  @Override
  protected Answer answer(Invocation call) {
    TimeRange range = new TimeText(call.now(), call.zone()).range(since.find(), until.find());
    Database database = call.database();
    check("event", types, EVENTS, AuditTable.Column.EVENT_TYPE, database);
    check("severity", severities, SEVERITIES, AuditTable.Column.SEVERITY, database);
    int most = (int) Math.min(limit.or((long) DEFAULT_ROWS), MOST_ROWS);
    KnownNames names = KnownNames.read(database);
    List<AuditRecord> found = new AuditTable(database).newest(wanted(range, names), most + 1);
    boolean more = found.size() > most;
    Answer answer = new Answer().member("since", range.since().orElse(null));
    answer.member("until", range.until().orElse(null)).member("truncated", more);
    Table<AuditRecord> events =
        Table.of("events", columns(names, call.format()), found).first(most);
    answer.table(
        sort.given() ? Invocation.selected("--sort", () -> events.sorted(sort.get())) : events);
    summary(database, found.isEmpty(), more, answer);
    return answer;
  }

  /// Refuses a word that is none of ours and that no row has: nothing would ever match it.
  private static void check(
      String what,
      Option<List<String>> words,
      List<String> known,
      AuditTable.Column column,
      Database database) {
    List<String> others =
        words.or(List.of()).stream()
            .filter(word -> known.stream().noneMatch(Glob.pattern(word).asMatchPredicate()))
            .toList();
    if (others.isEmpty()) {
      return;
    }
    Set<String> all = new TreeSet<>(known);
    all.addAll(new AuditTable(database).present(column));
    for (String word : others) {
      if (all.stream().noneMatch(Glob.pattern(word).asMatchPredicate())) {
        throw new UserError(
            ExitCode.USAGE,
            "unknown " + what + " '" + word + "'; " + EnumNames.instead(word, List.copyOf(all)));
      }
    }
  }

  private Predicate<AuditRecord> wanted(TimeRange range, KnownNames names) {
    Predicate<AuditRecord> inRange =
        range.equals(TimeRange.ALL)
            ? _ -> true
            : row -> row.at().map(range::contains).orElse(false);
    List<Pattern> events = types.or(List.of()).stream().map(Glob::pattern).toList();
    return inRange
        .and(row ->
            isOneOf(users, row.userId())
                || isOneOf(users, row.userEmail())
                || isOneOf(users, userName(row, names).orElse(null)))
        .and(row -> events.isEmpty() || matches(events, row.eventType()))
        .and(row -> isOneOf(severities, row.severity()))
        .and(row -> !name.given() || isAbout(row, names))
        .and(row -> !failed.get() || !row.success());
  }

  private boolean isAbout(AuditRecord row, KnownNames names) {
    return subjectName(row, names).filter(name.get()::equalsIgnoreCase).isPresent()
        || row.subject().filter(about -> about.id().equalsIgnoreCase(name.get())).isPresent();
  }

  private static boolean isOneOf(Option<List<String>> wanted, @Nullable String value) {
    return !wanted.given()
        || (value != null && wanted.get().stream().anyMatch(value::equalsIgnoreCase));
  }

  private static boolean matches(List<Pattern> wanted, @Nullable String value) {
    return value != null && wanted.stream().anyMatch(each -> each.matcher(value).matches());
  }

  /// People see the name before the details; programs get it behind what they have always got.
  private static List<Column<AuditRecord>> columns(KnownNames names, Format format) {
    boolean people = format == Format.TABLE;
    Column<AuditRecord> name =
        Column.of("subject_name", "NAME", Kind.TEXT, row -> subjectName(row, names));
    List<Column<AuditRecord>> columns = new ArrayList<>();
    columns.add(
        Column.of(
            "timestamp",
            "TIME",
            Kind.TIME,
            row -> row.at().<Object>map(at -> at).orElse(row.timestamp())));
    columns.add(
        Column.of("user_id", "USER", Kind.TEXT, row -> people ? person(row, names) : row.userId()));
    columns.add(Column.of("event_type", "EVENT", Kind.KEY, AuditRecord::eventType));
    columns.add(Column.of("success", "OK", Kind.FLAG, AuditRecord::success));
    if (people) {
      columns.add(name);
    }
    columns.add(Column.of("event_data", "DETAILS", Kind.TEXT, row -> details(row, format, names)));
    columns.add(Column.detail("severity", Kind.STATUS, AuditRecord::severity));
    columns.add(Column.detail("ip_address", Kind.ID, AuditRecord::ipAddress));
    columns.add(Column.detail("user_email", Kind.TEXT, AuditRecord::userEmail));
    columns.add(Column.detail("user_agent", Kind.TEXT, AuditRecord::userAgent));
    columns.add(Column.detail("id", Kind.ID, row -> Long.toString(row.id())));
    if (!people) {
      columns.add(name);
    }
    columns.add(
        Column.detail("subject_id", Kind.ID, row -> row.subject().map(AuditRecord.Subject::id)));
    columns.add(Column.detail("user_name", Kind.TEXT, row -> userName(row, names)));
    columns.add(Column.detail("time", Kind.TIME, AuditRecord::at));
    return columns;
  }

  private static Object details(AuditRecord row, Format format, KnownNames names) {
    return switch (format) {
      case TABLE -> row.details(subjectName(row, names).isPresent());
      case CSV -> row.eventData();
      case JSON, NDJSON -> row.data();
    };
  }

  private static Optional<String> subjectName(AuditRecord row, KnownNames names) {
    return row.subject().flatMap(about -> about.name().or(() -> names.of(about.id())));
  }

  private static Optional<String> userName(AuditRecord row, KnownNames names) {
    return Optional.ofNullable(row.userId()).flatMap(names::user);
  }

  /// What people call the user: the platform's are known by an id that says nothing.
  private static String person(AuditRecord row, KnownNames names) {
    boolean opaque = row.userId() == null || OPAQUE.matcher(row.userId()).matches();
    return userName(row, names)
        .orElse(opaque && row.userEmail() != null ? row.userEmail() : row.userId());
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
