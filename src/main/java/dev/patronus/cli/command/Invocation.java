package dev.patronus.cli.command;

import dev.patronus.audit.Actor;
import dev.patronus.cli.terminal.CurrentUser;
import dev.patronus.cli.terminal.Terminal;
import dev.patronus.config.Settings;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.output.text.Screen;
import dev.patronus.store.Database;
import dev.patronus.time.DurationText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One call of a command: what was asked for besides its own options, and what it may touch.
///
/// Confined to one thread. The instant of the call is fixed once.
public final class Invocation {
  private final Session session;
  private final GlobalOptions globals;
  private final Settings settings;
  private final Instant now;

  public Invocation(Session session, GlobalOptions globals, Settings settings) {
    this.session = session;
    this.globals = globals;
    this.settings = settings;
    this.now = session.clock().instant();
  }

  public Instant now() {
    return now;
  }

  /// The zone in which times are read and shown to people.
  public ZoneId zone() {
    return globals.zone.given() ? globals.zone.get() : settings.zone();
  }

  public Format format() {
    if (Boolean.TRUE.equals(globals.json.get())) {
      return Format.JSON;
    }
    return globals.output.or(Format.TABLE);
  }

  /// The format that was asked for; empty where none was.
  public Optional<Format> formatAsked() {
    return globals.output.given() || globals.json.get() ? Optional.of(format()) : Optional.empty();
  }

  /// The columns that were asked for; empty where the command chooses.
  public Optional<List<String>> columns() {
    return globals.columns.find();
  }

  /// The answer with the columns that were asked for, and without information for people where only
  /// the answer and errors are wanted.
  public Answer shown(Answer answer) {
    Answer selected =
        columns().isPresent() && !answer.parts().isEmpty()
            ? selected(() -> answer.select(columns().get()))
            : answer;
    return format() == Format.TABLE && quiet() ? selected.quiet() : selected;
  }

  /// Whether text that a spreadsheet takes for a formula is to be marked.
  public boolean spreadsheetSafe() {
    return globals.spreadsheetSafe.get();
  }

  /// Where a command writes an answer that it does not hold in memory; what fails after that cannot
  /// be told there.
  public OutputStream stream() {
    session.filter().ifPresent(lines -> lines.beginRows(format(), screen().headers()));
    return session.stream();
  }

  public boolean verbose() {
    return globals.verbose.get();
  }

  /// Whether only the answer and errors are wanted.
  public boolean quiet() {
    return globals.quiet.get();
  }

  public Settings settings() {
    return settings;
  }

  /// The same call with the configuration as its file is now.
  ///
  /// @throws UserError if it cannot be read or understood
  public Invocation readAgain() {
    return new Invocation(session, globals, Settings.read(globals.config.find(), session.env()));
  }

  public Session session() {
    return session;
  }

  public GlobalOptions globals() {
    return globals;
  }

  /// The same call on another session.
  public Invocation on(Session other) {
    return new Invocation(other, globals, settings);
  }

  public Terminal terminal() {
    return session.terminal();
  }

  public OutputStream out() {
    return session.out();
  }

  /// Says something to the person beside the answer, on stderr; not under `--quiet`.
  public void say(String message) {
    if (!globals.quiet.get()) {
      session.tell(message);
    }
  }

  /// Warns on stderr, whatever the format.
  public void warn(String message) {
    session.tell("patronus: " + HumanFormat.visible(message));
  }

  /// Whether all columns and rows are to be shown, whatever the screen is wide.
  public boolean wide() {
    return globals.wide.get();
  }

  /// What the person's screen can show.
  public Screen screen() {
    Terminal terminal = session.terminal();
    return new Screen(
        (terminal.out() || Terminal.hasWidth(session.env())) && !wide() ? terminal.columns() : 0,
        colour(terminal.out()),
        unicode(session.env()),
        zone(),
        globals.rawNumbers.get(),
        !globals.noHeaders.get());
  }

  private boolean colour(boolean terminal) {
    return switch (globals.color.or(GlobalOptions.Color.AUTO)) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO ->
          terminal && session.env().getOrDefault("NO_COLOR", "").isEmpty() && canMoveCursor();
    };
  }

  /// Whether the terminal understands more than text.
  public boolean canMoveCursor() {
    return !session.env().getOrDefault("TERM", "dumb").equals("dumb");
  }

  /// Whether the locale's encoding draws more than ASCII: the first of `LC_ALL`, `LC_CTYPE` and
  /// `LANG` that is set decides (locale(7)).
  private static boolean unicode(Map<String, String> env) {
    for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
      String value = env.getOrDefault(name, "");
      if (!value.isEmpty()) {
        String upper = value.toUpperCase(Locale.ROOT);
        return upper.contains("UTF-8") || upper.contains("UTF8");
      }
    }
    return false;
  }

  /// Which file the database is: the flag, the environment, the configuration, the default place.
  public Path databaseFile() {
    return globals.db.given() ? globals.db.get() : settings.databaseFile();
  }

  /// Where the daemon's control socket is looked for.
  public Path socketFile() {
    return globals.socket.given() ? globals.socket.get() : settings.socketFile(databaseFile());
  }

  /// The database for reading; it stays open until the session ends.
  ///
  /// @throws UserError if there is none, or it is not usable
  public Database database() {
    return database(databaseFile());
  }

  /// The same for another file.
  public Database database(Path file) {
    return session.reading(file, busyTimeout());
  }

  /// The database for changes.
  ///
  /// @throws UserError if there is none, or it is not usable
  public Database writableDatabase() {
    return session.writing(databaseFile(), busyTimeout());
  }

  private Duration busyTimeout() {
    return settings.text("busy-timeout").map(DurationText::parse).orElse(Database.BUSY_TIMEOUT);
  }

  /// Who makes a change, for the audit trail.
  public Actor actor() {
    return Actor.of(session.env(), CurrentUser.read(), Version.TEXT);
  }

  /// Whether somebody is there who can answer a question.
  public boolean canAsk() {
    return session.terminal().in() && session.terminal().err();
  }

  /// Asks a question and gives the answer's text without the line end; null at the end of input.
  public @Nullable String ask(String question) {
    try {
      return session.ask(HumanFormat.visible(question));
    } catch (IOException e) {
      throw new UserError(ExitCode.REFUSED, "cannot read the answer: " + e.getMessage(), e);
    }
  }

  /// Goes on only if it was confirmed: by `--yes`, or by a person who answers the question with
  /// yes.
  ///
  /// @param yes whether `--yes` was given
  /// @throws UserError that refuses, where nobody confirmed
  public void confirm(Command command, boolean yes, String question) {
    if (yes) {
      return;
    }
    requireSomebodyToAsk(command);
    String answer = ask(question + " [y/N] ");
    requireConfirmed(answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes"));
  }

  /// Goes on only if a person types these words: for what a yes is too easily said to.
  ///
  /// @throws UserError that refuses, where nobody did
  public void confirmByTyping(Command command, String question, String words) {
    requireSomebodyToAsk(command);
    String answer = ask(question + ": ");
    requireConfirmed(answer != null && answer.strip().equals(words.strip()));
  }

  /// Goes on only if somebody is there who can answer a question.
  ///
  /// @param command the one that asks, of whose options the refusal names those that help
  /// @throws UserError that refuses, where nobody is
  public void requireSomebodyToAsk(Command command) {
    if (!canAsk()) {
      boolean previews = command.hasOption("--dry-run");
      throw new UserError(
          ExitCode.REFUSED,
          "not confirmed: no terminal for the question; add --yes to proceed"
              + (previews ? ", or --dry-run to preview" : ""));
    }
  }

  private static void requireConfirmed(boolean confirmed) {
    if (!confirmed) {
      throw new UserError(ExitCode.REFUSED, "not confirmed; nothing was changed");
    }
  }

  /// Applies a selection of columns; an unknown name is a usage error of `--columns`.
  public static <T> T selected(Supplier<T> selection) {
    return selected("--columns", selection);
  }

  /// Applies what names a column; an unknown name is a usage error of this option.
  public static <T> T selected(String option, Supplier<T> selection) {
    try {
      return selection.get();
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, option + ": " + e.getMessage(), e);
    }
  }
}
