package dev.patronus.cli.option;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.terminal.ShutdownGuard;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.file.FileRights;
import dev.patronus.file.OutputTarget;
import dev.patronus.output.file.ExportState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// `--file` and `--force`: the file that a command writes, the same for all commands.
///
/// Confined to the command's thread.
public final class OutputFileOption {
  /// What a name may contain, as in date(1), in UTC.
  private static final Map<String, String> PATTERNS =
      Map.of(
          "%Y",
          "uuuu",
          "%m",
          "MM",
          "%d",
          "dd",
          "%H",
          "HH",
          "%M",
          "mm",
          "%S",
          "ss",
          "%F",
          "uuuu-MM-dd",
          "%T",
          "HH:mm:ss",
          "%%",
          "'%'");

  private static final Pattern IN_NAME = Pattern.compile("%[%A-Za-z]");

  /// What a name may contain, for the help of the option.
  public static final String CONVERSIONS =
      "%Y %m %d %H %M %S, %F (%Y-%m-%d) and %T (%H:%M:%S) become the time (UTC), %% a percent"
          + " sign";

  private static final Path STREAM = Path.of("-");

  private final Option<Path> file;
  private final Option<Boolean> force;

  /// @param force what `--force` does, as the help says it
  public OutputFileOption(Command command, String text, String force) {
    this.file =
        command.option("-f --file", "FILE", name -> Path.of(name), Command.Completes.FILE, text);
    this.force = command.flag("--force", force);
  }

  /// Whether a file is asked for: `-` is standard output.
  public boolean given() {
    return file.given() && !file.get().equals(STREAM);
  }

  /// Whether a file that is there already may be replaced.
  public boolean force() {
    return force.get();
  }

  /// The file as it was typed; empty for standard output.
  public Optional<Path> named() {
    return given() ? file.find() : Optional.empty();
  }

  /// The file that is to be written: the time put into its name, and links followed.
  ///
  /// @param state the state of `--since-last`, which is another file
  /// @throws dev.patronus.error.UserError if it must not be written
  public Path target(Invocation call, Optional<Path> state) {
    OutputTarget rule = rule(call, "--file");
    state.ifPresent(path -> rule.apartFrom("the state of --since-last", path));
    state.ifPresent(path -> rule.apartFrom("the lock of --since-last", ExportState.lockOf(path)));
    return rule.resolve(expanded(file.get(), "--file", call.now()));
  }

  /// The file that is to be written; empty for standard output.
  ///
  /// @throws dev.patronus.error.UserError if it must not be written, or is there already without
  ///   `--force`
  public Optional<Path> freeTarget(Invocation call) {
    if (!given()) {
      return Optional.empty();
    }
    Path target = target(call, Optional.empty());
    requireFree(target, REPLACE);
    return Optional.of(target);
  }

  /// The rule for a file that an option of this call names.
  public static OutputTarget rule(Invocation call, String option) {
    OutputTarget rule = new OutputTarget(option).apartFromDatabase(call.databaseFile());
    call.settings().path().ifPresent(path -> rule.apartFrom("the configuration file", path));
    return rule;
  }

  /// Whether the name has the time in it.
  public boolean isNamedByTime() {
    return given() && IN_NAME.matcher(file.get().toString()).find();
  }

  /// A name with the time in it, where it asks for that.
  ///
  /// @param option what the name was given to: `--file`
  /// @throws UserError if it asks for something else of date(1)
  public static Path expanded(Path named, String option, Instant now) {
    String name = named.toString();
    return Path.of(
        IN_NAME
            .matcher(name)
            .replaceAll(found ->
                DateTimeFormatter.ofPattern(pattern(found.group(), option), Locale.ROOT)
                    .withZone(ZoneOffset.UTC)
                    .format(now)));
  }

  private static String pattern(String conversion, String option) {
    String pattern = PATTERNS.get(conversion);
    if (pattern == null) {
      throw new UserError(
          ExitCode.USAGE,
          option + ": unknown conversion '" + conversion + "' in the name; " + CONVERSIONS);
    }
    return pattern;
  }

  /// Refuses a file that is there already, unless `--force` is given.
  ///
  /// @param next what else to do: `choose another name`
  public void requireFree(Path target, String next) {
    if (!force.get()) {
      OutputTarget.requireFree(target, next);
    }
  }

  /// The age of an empty temporary file that nobody is writing any more.
  private static final Duration ABANDONED = Duration.ofDays(1);

  /// Begins the file, for reading by its owner and group; one that replaces another keeps that
  /// one's mode.
  public static AtomicFile begin(Invocation call, Path target, Path temporary) {
    try {
      AtomicFile.deleteEmptyLeftovers(target, call.now().minus(ABANDONED));
      AtomicFile output =
          AtomicFile.beginUntilSignal(target, temporary, FileRights.OUTPUT)
              .orElseThrow(() -> new UserError(ExitCode.INTERRUPTED, "interrupted"));
      if (!call.session().isLasting()) {
        ShutdownGuard.about(output::discardUnlessKept);
      }
      return output;
    } catch (IOException e) {
      throw OutputTarget.cannotWrite(target, e);
    }
  }

  public static AtomicFile begin(Invocation call, Path target) {
    return begin(call, target, AtomicFile.temporaryOf(target));
  }

  /// Gives the complete file its name.
  ///
  /// @throws dev.patronus.error.UserError if the name was taken meanwhile, without `--force`
  public void commit(AtomicFile output) throws IOException {
    if (force.get()) {
      output.deliver(output::commit);
      return;
    }
    try {
      output.deliver(output::commitNew);
    } catch (java.nio.file.FileAlreadyExistsException e) {
      throw OutputTarget.taken(output.target(), REPLACE, e);
    }
  }

  /// What to do where a name is taken.
  public static final String REPLACE = "choose another name, or add --force to replace it";
}
