package dev.patronus.cli.export;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.command.ProgressLine;
import dev.patronus.cli.command.Session;
import dev.patronus.cli.option.FleetOptions;
import dev.patronus.cli.option.OutputFileOption;
import dev.patronus.cli.option.RangeOptions;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.file.OutputTarget;
import dev.patronus.fleet.read.FleetReader;
import dev.patronus.fleet.read.HubExport;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.file.Checkpoint;
import dev.patronus.output.file.Compression;
import dev.patronus.output.file.ExportState;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.scan.ExportColumn;
import dev.patronus.store.scan.ExportQuery;
import dev.patronus.store.scan.ExportQuery.KeyRange;
import dev.patronus.store.scan.ExportTable;
import dev.patronus.store.scan.RowScan;
import dev.patronus.store.scan.TableScanner;
import dev.patronus.time.TimeRange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `patronus export …`: the rows of one table for other programs, streamed in constant memory.
///
/// What is asked for is made into an [ExportRows]; where it goes, a file or standard output, and
/// whether its end is remembered, is the same for all.
public abstract class ExportCommand extends Command {
  private static final String EXACTLY_ONCE =
      "With --since-last STATE each run exports the rows written since the last run,"
          + " with --file each exactly once, even after a crash. With standard output, a"
          + " process that is killed before it has saved STATE exports its rows again; none"
          + " is lost. Rows are identified by number, not by time, so that late rows are"
          + " not missed; rows of a restored site are exported if they were not before. If"
          + " there are no new rows, no file is written. FILE must not exist, unless"
          + " --append adds to it (CSV, NDJSON) or --force replaces it. A lock file next to"
          + " STATE makes a second concurrent run end with exit code 4. Others: 5 if FILE exists or"
          + " an interrupted run must be settled first, 7 if STATE belongs to another database, 1"
          + " if it belongs to other options. --append copies FILE each time and needs its size"
          + " again as free space: for large ones, write a new file each run, or move FILE away"
          + " after a run. Run it more often than rows are pruned ('db prune', 'retention'): what"
          + " went before a run is not exported.";

  private static final String FORM =
      " Times in files are UTC, whatever --tz says. CSV has lines that end with CRLF (RFC 4180).";

  private static final String NEXT_BATCH =
      "; --append adds the rows to it, and --file rows-%Y%m%dT%H%M%S.csv creates a"
          + " new file for each run";

  /// The tables whose rows gateways send to a hub.
  private static final Set<ExportTable> ON_HUB =
      Set.of(
          ExportTable.STATS,
          ExportTable.SITES,
          ExportTable.POLICIES,
          ExportTable.PATH_METRICS,
          ExportTable.AUDIT);

  /// The column that the rows of a hub begin with.
  private static final Heading GATEWAY = Heading.of("gateway", Kind.TEXT);

  /// What people have no use for where they see the time itself.
  private static final List<String> FOR_PROGRAMS =
      List.of("stat_id", "metric_id", "health_id", "event_id", "timestamp");

  /// What `--file` does, for all exports.
  static final String FILE =
      "write to this file, which appears when it is complete; - is standard output;"
          + " .gz compresses; "
          + OutputFileOption.CONVERSIONS.replace("%", "%%");

  public static final String FORCE = "replace FILE if it exists";

  /// The options of a table whose rows have a time and are added at its end.
  private static final class TimedOptions {
    final RangeOptions times;
    final Option<Path> sinceLast;
    final Option<Boolean> restart;
    final Option<Boolean> append;

    TimedOptions(ExportCommand command) {
      times = new RangeOptions(command);
      sinceLast =
          command.option(
              "--since-last",
              "STATE",
              text -> Path.of(text),
              Completes.FILE,
              "only rows written since the last run with this state file; --since"
                  + " then sets where the first run begins");
      restart = command.flag("--restart", "reset the state file and start over");
      append =
          command.flag("--append", "with --since-last: append the rows to FILE, which may exist");
    }
  }

  private final ExportTable extract;
  private final OutputFileOption output = new OutputFileOption(this, FILE, FORCE);
  private final @Nullable FleetOptions fleet;
  private final @Nullable TimedOptions timed;

  ExportCommand(ExportTable extract, String... description) {
    super(described(extract, description));
    this.extract = extract;
    this.fleet = ON_HUB.contains(extract) ? new FleetOptions(this) : null;
    this.timed = extract.countsUp() ? new TimedOptions(this) : null;
  }

  private static String[] described(ExportTable extract, String... description) {
    List<String> paragraphs = new ArrayList<>(List.of(description));
    paragraphs.add(
        "Columns (--columns): "
            + String.join(", ", extract.names())
            + ". Without -o the format follows the file name extension, else CSV."
            + FORM);
    if (extract.countsUp()) {
      paragraphs.add(EXACTLY_ONCE);
    }
    return paragraphs.toArray(String[]::new);
  }

  /// What is asked for besides the range and the columns, as members of the document.
  Map<String, Object> asked(Invocation call) {
    return Map.of();
  }

  /// Only rows of these policies or paths; empty for all.
  List<Long> groups(Invocation call, TableScanner extraction) {
    return List.of();
  }

  /// Of each gateway the policies or paths whose rows are wanted, by its name; empty for all.
  Optional<Map<String, long[]>> groups(Invocation call, FleetReader reader) {
    return Optional.empty();
  }

  /// What is read of the range that was asked for, of a hub.
  TimeRange rangeOfFleet(Invocation call, FleetReader reader) {
    return times().read(call);
  }

  /// Opens the scan of a hub.
  RowScan openFleet(Invocation call, FleetReader reader, List<String> names, TimeRange range) {
    HubExport export = new HubExport(reader, extract);
    Optional<Map<String, long[]>> groups = groups(call, reader);
    return groups.isPresent()
        ? export.byGroup(FleetExport.fields(this, names), groups.get(), range)
        : export.asWritten(FleetExport.fields(this, names), groups, range, Map.of());
  }

  /// What is read of a range that was asked for.
  TimeRange readable(Invocation call, TimeRange range, List<Long> groups) {
    return range;
  }

  /// The columns that can be asked for.
  List<Heading> columns(Invocation call) {
    return extract.names().stream().map(name -> extract.field(name).heading()).toList();
  }

  /// The names of the columns that come without being asked for.
  List<String> defaultColumns(Format format, Invocation call) {
    List<String> names = new ArrayList<>(extract.own().stream().map(ExportColumn::name).toList());
    boolean timed = extract.names().contains("time");
    if (timed && format == Format.TABLE) {
      names.removeAll(FOR_PROGRAMS);
      names.addFirst("time");
    } else if (timed && format != Format.CSV) {
      names.add("time");
    }
    return names;
  }

  /// Opens the scan.
  ///
  /// @param incremental whether only what is new is wanted
  RowScan open(
      Invocation call,
      TableScanner extraction,
      ExportQuery selection,
      List<String> names,
      boolean incremental) {
    return incremental || selection.groups().isEmpty()
        ? extraction.asWritten(selection)
        : extraction.byGroup(selection, false);
  }

  /// Refuses what cannot be combined with `--since-last`.
  void checkIncremental() {}

  @Override
  protected void check() {
    if (fleet != null) {
      fleet.check();
    }
    if (timed == null) {
      return;
    }
    boolean incremental = timed.sinceLast.given();
    if (timed.restart.get() && !incremental) {
      throw new UserError(ExitCode.USAGE, "--restart requires --since-last STATE");
    }
    if (timed.append.get() && !(incremental && output.given())) {
      throw new UserError(ExitCode.USAGE, "--append requires --since-last STATE and --file FILE");
    }
    if (incremental) {
      checkIncremental();
      if (timed.times.given() && !timed.times.onlySinceGiven()) {
        throw new UserError(
            ExitCode.USAGE,
            "--since-last begins where the last run ended; remove the end of the" + " range");
      }
    }
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    Format format = call.formatAsked().orElseGet(() -> ExportFormat.forFile(output.named()));
    List<String> names = names(format, call);
    Optional<Path> target = target(call);
    if (ofFleet()) {
      FleetExport export = new FleetExport(this, call, format, names, target);
      return timed != null && timed.sinceLast.given()
          ? export.runSince(timed.sinceLast.get(), timed.append.get(), timed.restart.get())
          : export.run();
    }
    TableScanner extraction = new TableScanner(call.database(), extract);
    if (!extraction.exists() && call.terminal().err()) {
      call.say(
          "schema version '"
              + call.database().schema().age()
              + "' has no table "
              + extract.table()
              + "; nothing to export.");
    }
    if (timed != null && timed.sinceLast.given()) {
      Path state = timed.sinceLast.get();
      boolean append = timed.append.get();
      return new IncrementalExport(this, call, extraction, format, names, state, target, append)
          .run(timed.restart.get());
    }
    List<Long> groups = groups(call, extraction);
    TimeRange range = timed == null ? TimeRange.ALL : readable(call, times().read(call), groups);
    if (timed != null) {
      times().echo(range, call, call.zone());
    }
    ExportQuery selection = selection(names, groups, range, extraction.keys());
    write(call, extraction, selection, format, names, target);
    return new Answer();
  }

  /// Whether a hub is read.
  boolean ofFleet() {
    return fleet != null && fleet.given();
  }

  FleetOptions fleet() {
    return Objects.requireNonNull(fleet);
  }

  /// The range of the first run with a state.
  TimeRange firstRange(Invocation call) {
    TimeRange range = times().read(call);
    times().echo(range, call, call.zone());
    return range;
  }

  /// The file that is to be written; empty for standard output.
  private Optional<Path> target(Invocation call) {
    Optional<Path> state = timed == null ? Optional.empty() : timed.sinceLast.find();
    state.ifPresent(path -> requireAllowed(call, path));
    if (!output.given()) {
      return Optional.empty();
    }
    Path target = output.target(call, state);
    if (timed == null || !timed.append.get()) {
      boolean batches = state.isPresent() && !output.isNamedByTime();
      output.requireFree(target, OutputFileOption.REPLACE + (batches ? NEXT_BATCH : ""));
    }
    return Optional.of(target);
  }

  /// Refuses a state that must not be written, or whose lock must not be: before anything opens it.
  private static void requireAllowed(Invocation call, Path state) {
    OutputTarget rule = OutputFileOption.rule(call, "--since-last");
    rule.resolve(state);
    rule.resolve(ExportState.lockOf(state));
  }

  private List<String> names(Format format, Invocation call) {
    List<String> known = headings(call).stream().map(Heading::name).toList();
    List<String> names = call.columns().orElseGet(() -> withGateway(format, call));
    refuseUnknown(names, known);
    return names;
  }

  private List<String> withGateway(Format format, Invocation call) {
    List<String> names = new ArrayList<>(defaultColumns(format, call));
    if (ofFleet() && !(format == Format.TABLE && fleet().isOne())) {
      names.addFirst(GATEWAY.name());
    }
    return names;
  }

  private List<Heading> headings(Invocation call) {
    List<Heading> headings = new ArrayList<>(columns(call));
    if (ofFleet()) {
      headings.addFirst(GATEWAY);
    }
    return headings;
  }

  /// Refuses a column that is not there.
  static void refuseUnknown(List<String> names, List<String> known) {
    for (String name : names) {
      if (!known.contains(name)) {
        throw new UserError(
            ExitCode.USAGE,
            "--columns: unknown column '" + name + "'; there are " + String.join(", ", known));
      }
    }
  }

  ExportQuery selection(List<String> names, List<Long> groups, TimeRange range, KeyRange keys) {
    List<ExportColumn> fields = names.stream().map(extract::field).toList();
    return new ExportQuery(extract, fields, groups, range, keys);
  }

  private void write(
      Invocation call,
      TableScanner extraction,
      ExportQuery selection,
      Format format,
      List<String> names,
      Optional<Path> target)
      throws IOException {
    try (RowScan scan = open(call, extraction, selection, names, false)) {
      write(call, rows(call, scan, names, selection.range(), false), format, target);
    }
  }

  /// Writes rows to where they are wanted.
  void write(Invocation call, ExportRows rows, Format format, Optional<Path> target)
      throws IOException {
    if (target.isEmpty()) {
      toStream(call, rows, format);
      return;
    }
    try (AtomicFile file = OutputFileOption.begin(call, target.get())) {
      Written written = toFile(call, rows, format, file, null);
      output.commit(file);
      tell(call, target.get(), written);
    }
  }

  ExportRows rows(
      Invocation call, RowScan scan, List<String> names, TimeRange range, boolean incremental) {
    Map<String, Object> asked = question(call, names);
    if (timed != null) {
      asked.putAll(RangeOptions.members(range));
      if (incremental) {
        asked.put("since_last", timed.sinceLast.get().toString());
      }
    }
    return new ExportRows(scan, columns(call, names), asked);
  }

  /// The columns of these names.
  List<Heading> columns(Invocation call, List<String> names) {
    List<Heading> all = headings(call);
    return names.stream()
        .map(name -> all.stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow())
        .toList();
  }

  /// What is asked for, the range aside.
  Map<String, Object> question(Invocation call, List<String> names) {
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("export", EnumNames.of(extract));
    asked.put("columns", names);
    asked.putAll(asked(call));
    if (ofFleet()) {
      asked.put("gateways", fleet().patterns().isEmpty() ? null : fleet().patterns());
    }
    return asked;
  }

  /// How much was written.
  record Written(long rows, long bytes) {}

  long toStream(Invocation call, ExportRows rows, Format format) throws IOException {
    boolean person = call.terminal().err() && !call.terminal().out();
    try (ProgressLine progress = progress(call, person)) {
      long count = rows.writeTo(call.stream(), format, call, progress);
      call.out().flush();
      return count;
    } catch (IOException e) {
      throw Session.unwritten(e, "rows cannot be written to standard output");
    }
  }

  /// Writes all rows into a file.
  ///
  /// @param appended what it holds already; null where it begins with these rows
  static Written toFile(
      Invocation call,
      ExportRows rows,
      Format format,
      AtomicFile file,
      @Nullable AppendedFile appended)
      throws IOException {
    OutputStream out = Compression.of(file.target(), file.out());
    OutputStream content = appended == null ? out : appended.rowsTo(out);
    try (ProgressLine progress = progress(call, call.terminal().err())) {
      long count = rows.writeTo(content, format, call, progress);
      content.flush();
      Compression.finish(out);
      return new Written(count, file.sync());
    }
  }

  static ProgressLine progress(Invocation call, boolean person) {
    return new ProgressLine(call.session().err(), person, System::nanoTime);
  }

  static void tell(Invocation call, Path target, Written written) {
    if (call.terminal().err()) {
      call.say(
          "Wrote "
              + Counted.of(written.rows(), "row")
              + " to "
              + target
              + " ("
              + HumanFormat.bytes(written.bytes())
              + ").");
    }
  }

  OutputFileOption output() {
    return output;
  }

  /// Whether the rows of the table have a time.
  boolean isTimed() {
    return timed != null;
  }

  /// The options of a table whose rows have a time.
  RangeOptions times() {
    return Objects.requireNonNull(timed).times;
  }

  ExportTable extract() {
    return extract;
  }

  /// Opens the state between runs of this question.
  ///
  /// @param target the file that is asked for; empty for a stream
  /// @param restart whether what is remembered is to be forgotten
  ExportState state(
      Invocation call, List<String> names, Path stateFile, Optional<Path> target, boolean restart) {
    return ExportState.open(
        stateFile,
        new ExportState.Wanted(
            remembered(question(call, names)), target, restart, output().force()));
  }

  /// A question as it stands in a state, which knows by it whether it is asked the same again.
  private static Map<String, Object> remembered(Map<String, Object> question) {
    Map<String, Object> remembered = new LinkedHashMap<>();
    question.forEach((name, value) ->
        remembered.put(
            name,
            switch (value) {
              case null -> null;
              case List<?> list -> list.stream().map(Object::toString).toList();
              default -> value.toString();
            }));
    return remembered;
  }

  /// The mark at a key: what the state will know the database by.
  static Checkpoint mark(TableScanner extraction, long key) {
    return new Checkpoint(key, extraction.row(key).map(Checkpoint::print).orElse(""));
  }

  /// Refuses a database that is not the one that the state was written for.
  static void check(Checkpoint mark, TableScanner extraction, ExportState state, Path database) {
    boolean fewer = extraction.lastKeyGiven() < mark.key();
    boolean other =
        !mark.print().isEmpty()
            && extraction
                .row(mark.key())
                .filter(row -> !Checkpoint.print(row).equals(mark.print()))
                .isPresent();
    if (fewer || other) {
      throw new UserError(
          ExitCode.UNUSABLE_DATABASE,
          database
              + " is not the database for which "
              + state.file()
              + " was written, or an older copy of it: "
              + (fewer
                  ? "it has fewer rows than were exported"
                  : "row " + mark.key() + " is different")
              + "; use another state file, or start over with --restart");
    }
  }
}
