package dev.patronus.cli;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.CommandModel;
import dev.patronus.cli.command.CommandNode;
import dev.patronus.cli.command.GlobalOptions;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.PipedCall;
import dev.patronus.cli.command.Session;
import dev.patronus.cli.command.Version;
import dev.patronus.cli.help.HelpText;
import dev.patronus.cli.terminal.ClosedPipe;
import dev.patronus.config.Settings;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.FullDisk;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.shell.PipeFilter;
import dev.patronus.store.Database;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Runs one command line: parses it, calls the command, prints the answer, gives the exit code.
///
/// Confined to one thread. The one place where an error becomes a line of text and a number.
public final class Cli {
  private final CommandNode root;
  private final Session session;
  private final Supplier<GlobalOptions> globalOptions;

  public Cli(CommandNode root, Session session) {
    this(root, session, GlobalOptions::new);
  }

  /// @param globalOptions makes the options of every command, as they are where nothing is typed
  Cli(CommandNode root, Session session, Supplier<GlobalOptions> globalOptions) {
    this.root = root;
    this.session = session;
    this.globalOptions = globalOptions;
  }

  /// Runs the command that the words name.
  public ExitCode run(String... words) {
    return run(List.of(), words);
  }

  /// Runs the command that the words name, and what follows it in a pipe.
  ExitCode run(List<PipeFilter> stages, String... words) {
    GlobalOptions globals = globalOptions.get();
    session.begin();
    try {
      ExitCode code = call(stages, globals, words);
      session.out().flush();
      return code;
    } catch (ParameterException e) {
      return fail(globals, words, UsageErrors.translate(e));
    } catch (UserError e) {
      return fail(globals, words, e);
    } catch (IOException e) {
      return ClosedPipe.is(e) ? ExitCode.DONE : fail(globals, words, outputFailed(e));
    } catch (OutOfMemoryError e) {
      return fail(globals, words, tooLarge(e));
    } catch (RuntimeException | StackOverflowError e) {
      return fail(globals, words, unexpected(e));
    } finally {
      session.err().flush();
    }
  }

  private ExitCode call(List<PipeFilter> stages, GlobalOptions globals, String... words)
      throws IOException {
    ParseResult result = CommandModel.last(CommandModel.parse(root, globals, words));
    globals.readValues();
    if (globals.help.get()) {
      requireCommand(result);
      help(HelpText.of(result.commandSpec(), session.terminal().columns()), globals, stages);
      return ExitCode.DONE;
    }
    if (globals.version.get()) {
      session.print("patronus " + Version.TEXT + "\n");
      return ExitCode.DONE;
    }
    return run(command(result), globals, stages);
  }

  /// There is no help for a command that does not exist; the parser lets that pass.
  private static void requireCommand(ParseResult result) {
    CommandSpec spec = result.commandSpec();
    List<String> unknown = result.unmatched();
    if (!unknown.isEmpty()
        && !spec.subcommands().isEmpty()
        && !unknown.getFirst().startsWith("-")) {
      throw new UnmatchedArgumentException(spec.commandLine(), unknown);
    }
  }

  private static Command command(ParseResult result) {
    return (Command) result.commandSpec().userObject();
  }

  /// Shows the help; within a shell, line by line through what follows it, or through a pager where
  /// it is long.
  private void help(String text, GlobalOptions globals, List<PipeFilter> stages)
      throws IOException {
    if (!session.isLasting()) {
      session.print(text);
      return;
    }
    Invocation call =
        new Invocation(session, globals, Settings.read(Optional.empty(), session.env()));
    Answer staged = new PipedCall(call, stages).staged(new Answer().block(text.stripTrailing()));
    String shown = new AnswerPrinter(Format.TABLE, call.screen(), false).text(staged);
    if (session.terminal().out() && !globals.noPager.get()) {
      Pager.show(shown, call);
    } else {
      session.print(shown);
    }
  }

  private ExitCode run(Command command, GlobalOptions globals, List<PipeFilter> stages)
      throws IOException {
    command.readValues();
    Optional<Path> config = globals.config.find();
    config.ifPresent(file -> Database.requireNotOpen(file, "configuration file"));
    Settings settings = Settings.read(config, session.env());
    Invocation call = new Invocation(session, globals, settings);
    RoleCheck.require(command, call);
    Answer answer = stages.isEmpty() ? command.run(call) : new PipedCall(call, stages).run(command);
    print(answer, globals, call);
    return answer.exitCode();
  }

  private void print(Answer answer, GlobalOptions globals, Invocation call) throws IOException {
    boolean people = call.format() == Format.TABLE;
    Answer shown = call.shown(answer);
    if (shown.parts().isEmpty()) {
      return;
    }
    AnswerPrinter printer =
        new AnswerPrinter(call.format(), call.screen(), globals.spreadsheetSafe.get());
    if (people && call.terminal().out() && !globals.noPager.get()) {
      Pager.show(printer.text(shown), call);
    } else {
      try {
        printer.print(shown, session.out());
      } catch (IOException e) {
        throw Session.unwritten(
            e, "the command was carried out, but standard output cannot be written to");
      }
    }
  }

  /// Java says of most files that fail their name alone.
  private static UserError outputFailed(IOException e) {
    String message =
        switch (e) {
          case AccessDeniedException denied ->
              "cannot use " + denied.getFile() + ": no permission for this user";
          case NoSuchFileException missing ->
              "cannot use " + missing.getFile() + ": no such file or folder";
          case NotDirectoryException file ->
              "cannot use " + file.getFile() + ": it is not a folder";
          case FileAlreadyExistsException there ->
              "cannot use " + there.getFile() + ": it exists already";
          case CharacterCodingException _ -> "the input is not valid UTF-8; convert it";
          case FileSystemException file when file.getFile() != null && FullDisk.isReason(file) ->
              FullDisk.message(Path.of(file.getFile()));
          case FileSystemException file when file.getReason() != null ->
              "cannot use " + file.getFile() + ": " + file.getReason();
          case FileSystemException file -> "cannot use " + file.getFile();
          default ->
              "input or output failed"
                  + (e.getMessage() == null ? "; see -v" : ": " + e.getMessage());
        };
    return new UserError(ExitCode.FAILED, message, e);
  }

  /// What was asked for has gone with the command; a shell goes on.
  private static UserError tooLarge(OutOfMemoryError e) {
    return new UserError(
        ExitCode.FAILED,
        "the answer does not fit in "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MB of memory; reduce the range, or set PATRONUS_JAVA_OPTS=-Xmx2g",
        e);
  }

  private static UserError unexpected(Throwable e) {
    return new UserError(
        ExitCode.FAILED, "unexpected failure: " + e + "; run it again with -v and report it", e);
  }

  /// Says what went wrong: a line on stderr, and the document on stdout where one was asked for.
  private ExitCode fail(GlobalOptions globals, String[] words, UserError reason) {
    UserError error = orInterrupted(reason);
    if (error.exitCode() == ExitCode.INTERRUPTED && session.terminal().err()) {
      session.err().println(); // the terminal has shown ^C
    }
    session.tell("patronus: " + HumanFormat.visible(error.getMessage()));
    if (wantsVerbose(globals, words)) {
      error.printStackTrace(session.err());
    }
    Format format = formatOf(globals, words);
    boolean document = format == Format.JSON || format == Format.NDJSON;
    if (document && !session.streaming()) {
      printDocument(ErrorDocument.of(error, format));
    }
    return error.exitCode();
  }

  /// Within a shell, what Ctrl-C itself has ended was interrupted, a wait for a lock included; any
  /// other error stays the error that it is.
  private UserError orInterrupted(UserError error) {
    return session.isLasting()
            && error.exitCode() != ExitCode.INTERRUPTED
            && Thread.currentThread().isInterrupted()
            && (error.exitCode() == ExitCode.BUSY || isOfInterrupt(error))
        ? new UserError(ExitCode.INTERRUPTED, "interrupted", error)
        : error;
  }

  /// Whether an interrupt of the thread is what has closed a channel or ended a wait.
  private static boolean isOfInterrupt(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof ClosedByInterruptException
          || cause instanceof InterruptedIOException
          || cause instanceof InterruptedException) {
        return true;
      }
    }
    return false;
  }

  /// Prints the document of an error; where stdout is what failed, the line on stderr has said it.
  private void printDocument(String document) {
    try {
      session.print(document);
      session.out().flush();
    } catch (IOException e) {
      session.err().println("patronus: " + e.getMessage());
    }
  }

  /// The format that was asked for, even if the words could not be parsed.
  private static Format formatOf(GlobalOptions globals, String... words) {
    for (int i = 0; i < words.length; i++) {
      if (words[i].equals("--json")) {
        return Format.JSON;
      }
      for (Format format : Format.values()) {
        boolean next = i + 1 < words.length && words[i + 1].equals(format.word());
        if (words[i].equals("--output=" + format.word())
            || words[i].equals("-o" + format.word())
            || words[i].equals("-o=" + format.word())
            || (next && (words[i].equals("-o") || words[i].equals("--output")))) {
          return format;
        }
      }
    }
    return globals.output.or(Format.TABLE);
  }

  private static boolean wantsVerbose(GlobalOptions globals, String... words) {
    return Boolean.TRUE.equals(globals.verbose.get())
        || List.of(words).contains("-v")
        || List.of(words).contains("--verbose");
  }
}
