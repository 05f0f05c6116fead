package dev.patronus.cli;

import dev.patronus.delivery.Compression;
import dev.patronus.delivery.Handover;
import dev.patronus.delivery.Mark;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.export.Answer;
import dev.patronus.export.Column;
import dev.patronus.export.Format;
import dev.patronus.export.Humane;
import dev.patronus.file.AtomicFile;
import dev.patronus.json.Json;
import dev.patronus.store.Extract;
import dev.patronus.store.Extraction;
import dev.patronus.store.Field;
import dev.patronus.store.RowScan;
import dev.patronus.store.Selection;
import dev.patronus.store.Selection.KeyRange;
import dev.patronus.time.TimeRange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `patronus export …`: the rows of one table for other programs, streamed in constant memory.
///
/// What is asked for is made into an [ExportRows]; where it goes, a file or standard output, and
/// whether its end is remembered, is the same for all.
abstract class ExportCommand extends Subcommand {
  private static final String EXACTLY_ONCE =
      "With --since-last STATE each run exports the rows that were written since the last one, each"
          + " exactly once with --file, whatever crashes in between. To standard output, a process"
          + " that is killed between the last byte and the note of it repeats its rows; none is"
          + " lost. Rows are told apart by their number, not their time, so that a late row is not"
          + " missed. A lock lies beside STATE; a second run meanwhile ends with exit code 4.";

  private static final String NEXT_BATCH =
      "; --append adds the rows to it, and --file rows-%Y%m%dT%H%M%S.csv makes a new file each time";

  /// What people have no use for where they see the time itself.
  private static final List<String> FOR_PROGRAMS = List.of("stat_id", "metric_id", "timestamp");

  /// What `--file` does, for all exports.
  static final String FILE =
      "write a file, which has its name only when it is complete; - is standard output; compressed"
          + " if the name ends in .gz; %Y %m %d %H %M %S in it become the time (UTC)";

  static final String FORCE = "replace FILE if it is there already";

  private final Extract extract;
  private final OutputOption output = new OutputOption(this, FILE, FORCE);
  private final RangeOptions times;
  private final Opt<Path> sinceLast;
  private final Opt<Boolean> restart;
  private final Opt<Boolean> append;

  ExportCommand(Extract extract, String... description) {
    super(described(extract, description));
    this.extract = extract;
    this.times = extract.countsUp() ? new RangeOptions(this) : null;
    this.sinceLast =
        extract.countsUp()
            ? option(
                "--since-last",
                "STATE",
                text -> Path.of(text),
                Completes.FILE,
                "only what was written since the last run with this file, which remembers it;"
                    + " --since then tells where the first run begins")
            : null;
    this.restart =
        extract.countsUp()
            ? flag("--restart", "forget what --since-last remembers, and begin again")
            : null;
    this.append =
        extract.countsUp()
            ? flag(
                "--append", "with --since-last: add the rows to FILE, which may be there already")
            : null;
  }

  private static String[] described(Extract extract, String... description) {
    List<String> paragraphs = new ArrayList<>(List.of(description));
    paragraphs.add(
        "Columns (--columns): "
            + String.join(", ", extract.names())
            + ". Without -o the format is"
            + " what the file's name ends in, else CSV.");
    if (extract.countsUp()) {
      paragraphs.add(EXACTLY_ONCE);
    }
    return paragraphs.toArray(String[]::new);
  }

  /// What is asked for besides the range and the columns, as members of the document.
  Map<String, Object> asked(Call call) {
    return Map.of();
  }

  /// Only rows of these policies or paths; empty for all.
  List<Long> groups(Call call, Extraction extraction) {
    return List.of();
  }

  /// The columns that can be asked for.
  List<Column> columns(Call call) {
    return extract.names().stream().map(name -> extract.field(name).column()).toList();
  }

  /// The names of the columns that come without being asked for.
  List<String> usualColumns(Format format, Call call) {
    List<String> names = new ArrayList<>(extract.own().stream().map(Field::name).toList());
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
      Call call,
      Extraction extraction,
      Selection selection,
      List<String> names,
      boolean incremental) {
    return incremental || selection.groups().isEmpty()
        ? extraction.asWritten(selection)
        : extraction.byGroup(selection, false);
  }

  /// Complains about what cannot be combined with `--since-last`.
  void checkIncremental() {}

  @Override
  protected void check() {
    if (sinceLast == null) {
      return;
    }
    if (restart.get() && !sinceLast.given()) {
      throw new UserError(ExitCode.USAGE, "--restart goes with --since-last STATE");
    }
    if (append.get() && !(sinceLast.given() && output.given())) {
      throw new UserError(ExitCode.USAGE, "--append goes with --since-last STATE and --file FILE");
    }
    if (sinceLast.given()) {
      checkIncremental();
      if (times.given() && !times.onlySinceGiven()) {
        throw new UserError(
            ExitCode.USAGE, "--since-last begins where the last run ended; leave out the end");
      }
    }
  }

  @Override
  protected Answer run(Call call) throws IOException {
    Format format = call.formatOr(ExportFormat.usual(output.named()));
    List<String> names = names(format, call);
    Optional<Path> target = target(call);
    Extraction extraction = new Extraction(call.database(), extract);
    if (!extraction.exists() && call.terminal().err()) {
      call.say(
          "This database is of the platform's age '"
              + call.database().schema().age()
              + "', which has no "
              + extract.table()
              + ": there are no rows.");
    }
    if (sinceLast != null && sinceLast.given()) {
      return new IncrementalExport(
              this, call, extraction, format, names, sinceLast.get(), target, append.get())
          .run(restart.get());
    }
    TimeRange range = times == null ? TimeRange.ALL : times.read(call);
    if (times != null) {
      times.echo(range, call, call.zone());
    }
    List<Long> groups = groups(call, extraction);
    Selection selection = selection(names, groups, range, extraction.keys());
    write(call, extraction, selection, format, names, target);
    return new Answer();
  }

  /// The file that is to be written; empty for standard output.
  private Optional<Path> target(Call call) {
    Optional<Path> state = Optional.ofNullable(sinceLast == null ? null : sinceLast.get());
    state.ifPresent(path -> OutputOption.rule(call, "--since-last").resolve(path));
    if (!output.given()) {
      return Optional.empty();
    }
    Path target = output.target(call, state);
    if (append == null || !append.get()) {
      output.requireFree(target, OutputOption.REPLACE + (state.isPresent() ? NEXT_BATCH : ""));
    }
    return Optional.of(target);
  }

  private List<String> names(Format format, Call call) {
    List<String> known = columns(call).stream().map(Column::name).toList();
    List<String> names = call.columns().orElseGet(() -> usualColumns(format, call));
    refuseUnknown(names, known);
    return names;
  }

  /// Refuses a column that is not there.
  static void refuseUnknown(List<String> names, List<String> known) {
    for (String name : names) {
      if (!known.contains(name)) {
        throw new UserError(
            ExitCode.USAGE,
            "--columns: no column '" + name + "'; there are " + String.join(", ", known));
      }
    }
  }

  Selection selection(List<String> names, List<Long> groups, TimeRange range, KeyRange keys) {
    List<Field> fields = names.stream().map(extract::field).toList();
    return new Selection(extract, fields, groups, range, keys);
  }

  private void write(
      Call call,
      Extraction extraction,
      Selection selection,
      Format format,
      List<String> names,
      Optional<Path> target)
      throws IOException {
    try (RowScan scan = open(call, extraction, selection, names, false)) {
      ExportRows rows = rows(call, scan, names, selection.range(), false);
      if (target.isEmpty()) {
        toStream(call, rows, format);
        return;
      }
      try (AtomicFile file = OutputOption.begin(target.get())) {
        Written written = toFile(call, rows, format, file, null);
        output.commit(file);
        tell(call, target.get(), written);
      }
    }
  }

  ExportRows rows(
      Call call, RowScan scan, List<String> names, TimeRange range, boolean incremental) {
    Map<String, Object> asked = question(call, names);
    if (times != null) {
      asked.putAll(RangeOptions.members(range));
    }
    if (incremental) {
      asked.put("since_last", sinceLast.get().toString());
    }
    return new ExportRows(scan, columns(call, names), asked);
  }

  /// The columns of these names.
  List<Column> columns(Call call, List<String> names) {
    List<Column> all = columns(call);
    return names.stream()
        .map(name -> all.stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow())
        .toList();
  }

  /// What is asked for, the range aside.
  Map<String, Object> question(Call call, List<String> names) {
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("export", Words.of(extract));
    asked.put("columns", names);
    asked.putAll(asked(call));
    return asked;
  }

  /// How much was written.
  record Written(long rows, long bytes) {}

  long toStream(Call call, ExportRows rows, Format format) throws IOException {
    boolean person = call.terminal().err() && !call.terminal().out();
    try (Progress progress = progress(call, person)) {
      long count = rows.writeTo(call.stream(), format, call, progress);
      call.out().flush();
      return count;
    }
  }

  /// Writes all rows into a file.
  ///
  /// @param appended what it holds already; null where it begins with these rows
  static Written toFile(
      Call call, ExportRows rows, Format format, AtomicFile file, AppendedFile appended)
      throws IOException {
    OutputStream out = Compression.of(file.target(), file.out());
    OutputStream content = appended == null ? out : appended.rowsTo(out);
    try (Progress progress = progress(call, call.terminal().err())) {
      long count = rows.writeTo(content, format, call, progress);
      content.flush();
      Compression.finish(out);
      return new Written(count, file.sync());
    }
  }

  static Progress progress(Call call, boolean person) {
    return new Progress(call.session().err(), person, System::nanoTime);
  }

  static void tell(Call call, Path target, Written written) {
    if (call.terminal().err()) {
      call.say(
          "Wrote "
              + Humane.grouped(written.rows())
              + " rows to "
              + target
              + " ("
              + Humane.bytes(written.bytes())
              + ").");
    }
  }

  OutputOption output() {
    return output;
  }

  RangeOptions times() {
    return times;
  }

  Extract extract() {
    return extract;
  }

  /// A question as JSON, by which a state knows whether it is asked the same again.
  static Json json(Map<String, Object> question) {
    Json.Builder json = Json.object();
    question.forEach((name, value) -> {
      switch (value) {
        case null -> json.putNull(name);
        case List<?> list ->
            json.put(name, list.stream().map(item -> new Json.Text(item.toString())).toList());
        default -> json.put(name, value.toString());
      }
    });
    return json.build();
  }

  /// The mark at a key: what the state will know the database by.
  static Mark mark(Extraction extraction, long key) {
    return new Mark(key, extraction.row(key).map(Mark::print).orElse(""));
  }

  /// Refuses a database that is not the one that the state was written for.
  static void check(Mark mark, Extraction extraction, Handover handover, Path database) {
    boolean fewer = extraction.lastKeyGiven() < mark.key();
    boolean other =
        !mark.print().isEmpty()
            && extraction
                .row(mark.key())
                .filter(row -> !Mark.print(row).equals(mark.print()))
                .isPresent();
    if (fewer || other) {
      throw new UserError(
          ExitCode.UNUSABLE_DATABASE,
          database
              + " is not the database that "
              + handover.file()
              + " was written for, or an older"
              + " copy of it: "
              + (fewer
                  ? "it has fewer rows than were exported"
                  : "row " + mark.key() + " is another one")
              + "; name another state, or start over with"
              + " --restart");
    }
  }
}
