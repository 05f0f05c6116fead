package dev.patronus.cli.command;

import dev.patronus.output.Format;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/// The options that every command takes.
///
/// Confined to one thread; one instance per call. They live on the root of the model and are
/// inherited, so that they may stand before or after the command's name. Those of a shell are the
/// default values of its commands.
public final class GlobalOptions {
  static final String HELP = "-h --help";

  /// When text is coloured.
  enum Color {
    AUTO,
    ALWAYS,
    NEVER
  }

  final Option<Path> db = text("--db", typed -> Path.of(typed));
  public final Option<Path> config = text("--config", typed -> Path.of(typed));
  final Option<Path> socket = text("--socket", typed -> Path.of(typed));
  public final Option<Format> output =
      text("--output", typed -> EnumNames.read(Format.class, typed));
  final Option<Boolean> json = bool("--json");
  final Option<List<String>> columns =
      text("--columns", typed -> List.of(typed.strip().split("\\s*,\\s*")));
  final Option<Boolean> noHeaders = bool("--no-headers");
  final Option<Boolean> wide = bool("--wide");
  final Option<Boolean> rawNumbers = bool("--raw-numbers");
  public final Option<Boolean> spreadsheetSafe = bool("--spreadsheet-safe");
  final Option<ZoneId> zone = text("--tz", GlobalOptions::zone);
  final Option<Color> color = text("--color", typed -> EnumNames.read(Color.class, typed));
  public final Option<Boolean> noPager = bool("--no-pager");
  public final Option<Boolean> quiet = bool("--quiet");
  public final Option<Boolean> verbose = bool("--verbose");
  public final Option<Boolean> help = bool("--help");
  public final Option<Boolean> version = bool("--version");

  public GlobalOptions() {}

  /// Those of a command within a shell.
  ///
  /// @param outer what the shell was called with
  public GlobalOptions(GlobalOptions outer) {
    db.defaultTo(outer.db.orNull());
    config.defaultTo(outer.config.orNull());
    socket.defaultTo(outer.socket.orNull());
    output.defaultTo(outer.json.get() ? Format.JSON : outer.output.orNull());
    columns.defaultTo(outer.columns.orNull());
    noHeaders.defaultTo(outer.noHeaders.get());
    wide.defaultTo(outer.wide.get());
    rawNumbers.defaultTo(outer.rawNumbers.get());
    spreadsheetSafe.defaultTo(outer.spreadsheetSafe.get());
    zone.defaultTo(outer.zone.orNull());
    color.defaultTo(outer.color.orNull());
    noPager.defaultTo(outer.noPager.get());
    quiet.defaultTo(outer.quiet.get());
    verbose.defaultTo(outer.verbose.get());
  }

  /// What was typed for the option of this setting; empty where it was not, or has none of these.
  public Optional<String> typed(String key) {
    return switch (key) {
      case "db" -> db.find().map(Path::toString);
      case "socket" -> socket.find().map(Path::toString);
      case "tz" -> zone.find().map(ZoneId::getId);
      default -> Optional.empty();
    };
  }

  private static <T> Option<T> text(String name, Function<String, T> reading) {
    return new Option<>(name, typed -> reading.apply((String) typed));
  }

  private static Option<Boolean> bool(String name) {
    return new Option<Boolean>(name, typed -> (Boolean) typed ? true : null).defaultTo(false);
  }

  private static ZoneId zone(String typed) {
    if (typed.equals("local")) {
      return ZoneId.systemDefault();
    }
    try {
      return ZoneId.of(typed);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "no time zone '" + typed + "'; try UTC, local, or a name such as Europe/Berlin", e);
    }
  }

  /// Puts the options whose names are wanted on the root of the model.
  ///
  /// @param wanted decides by the names of one, apart by blanks
  void addTo(CommandSpec root, Predicate<String> wanted) {
    Declarations to = new Declarations(root, wanted);
    to.add(
        "--db",
        names ->
            value(names, "FILE", db, "the platform's database (or PATRONUS_DB_PATH)")
                .completionCandidates(new DynamicCandidates(Command.Completes.FILE)));
    to.add(
        "--config",
        names ->
            value(names, "FILE", config, "the configuration file")
                .completionCandidates(new DynamicCandidates(Command.Completes.FILE)));
    to.add(
        "--socket",
        names ->
            value(names, "FILE", socket, "the daemon's control socket (or PATRONUS_SOCKET)")
                .completionCandidates(new DynamicCandidates(Command.Completes.FILE)));
    to.add(
        "-o --output",
        names ->
            value(names, "FORMAT", output, "table, json, ndjson or csv")
                .completionCandidates(EnumNames.of(Format.class)));
    to.add("--json", names -> flag(names, json, "the same as --output json"));
    to.add(
        "--columns",
        names ->
            value(names, "NAMES", columns, "comma-separated list of columns to show")
                .completionCandidates(new DynamicCandidates(Command.Completes.COLUMN)));
    to.add("--no-headers", names -> flag(names, noHeaders, "omit column headers"));
    to.add(
        "--wide", names -> flag(names, wide, "show all columns, on lines longer than the screen"));
    to.add(
        "--raw-numbers",
        names ->
            flag(names, rawNumbers, "plain digits in tables, no units; rates in bits per second"));
    to.add(
        "--spreadsheet-safe",
        names -> flag(names, spreadsheetSafe, "escape CSV text that looks like a formula"));
    to.add(
        "--tz",
        names ->
            value(names, "ZONE", zone, "time zone for input and output (default: local)")
                .completionCandidates(new DynamicCandidates(Command.Completes.ZONE)));
    to.add(
        "--color",
        names ->
            value(names, "WHEN", color, "auto, always or never")
                .completionCandidates(EnumNames.of(Color.class)));
    to.add("--no-pager", names -> flag(names, noPager, "do not use a pager"));
    to.add(
        "-q --quiet",
        names -> flag(names, quiet, "print nothing when all is well, and no notes beside rows"));
    to.add(
        "-v --verbose", names -> flag(names, verbose, "show details and stack traces of errors"));
    to.add(HELP, names -> flag(names, help, "show this help").usageHelp(true));
    to.add("-V --version", names -> flag(names, version, "show the version").versionHelp(true));
  }

  /// Where options are declared, and built if they are wanted.
  private record Declarations(CommandSpec root, Predicate<String> wanted) {
    void add(String names, Function<String, OptionSpec.Builder> option) {
      if (wanted.test(names)) {
        root.addOption(option.apply(names).build());
      }
    }
  }

  public void readValues() {
    all().forEach(Option::read);
  }

  private List<Option<?>> all() {
    return List.of(
        db,
        config,
        socket,
        output,
        json,
        columns,
        noHeaders,
        wide,
        rawNumbers,
        spreadsheetSafe,
        zone,
        color,
        noPager,
        quiet,
        verbose,
        help,
        version);
  }

  private static OptionSpec.Builder value(String names, String label, Option<?> opt, String text) {
    return OptionSpec.builder(names.split(" ", -1))
        .scopeType(ScopeType.INHERIT)
        .paramLabel(label)
        .type(String.class)
        .arity("1")
        .getter(opt.typed())
        .setter(opt.typed())
        .description(text);
  }

  private static OptionSpec.Builder flag(String names, Option<Boolean> opt, String text) {
    return OptionSpec.builder(names.split(" ", -1))
        .scopeType(ScopeType.INHERIT)
        .type(boolean.class)
        .arity("0")
        .initialValue(false)
        .getter(opt.typed())
        .setter(opt.typed())
        .description(text);
  }
}
