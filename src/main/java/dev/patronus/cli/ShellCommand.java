package dev.patronus.cli;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.command.Session;
import dev.patronus.cli.command.Version;
import dev.patronus.cli.terminal.Terminal;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.error.Utf8Lines;
import dev.patronus.output.Answer;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.output.text.Paragraph;
import dev.patronus.role.Role;
import dev.patronus.shell.Console;
import dev.patronus.shell.HistoryFile;
import dev.patronus.shell.Script;
import dev.patronus.time.DurationText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jline.terminal.Size;
import org.jline.terminal.TerminalBuilder;

/// `patronus shell`: the same commands at a prompt, or from a script.
final class ShellCommand extends Command {
  /// A terminal whose type this system does not know is no fault of the program's: it is used as
  /// one that can little, and the library's warnings about that, with their stack traces, stay
  /// away. The logger would be forgotten with its level if nobody held it.
  private static final Logger TERMINAL_LIBRARY = Logger.getLogger("org.jline");

  private final Option<Path> file =
      argument(
          "FILE",
          "0..1",
          text -> Path.of(text),
          Completes.FILE,
          "run the commands in this file, one per line (default: the terminal, else"
              + " standard input)");
  private final Option<Duration> idle =
      option(
          "--idle",
          "DURATION",
          DurationText::parse,
          "exit after this time without input (default: never)");
  private final Option<Boolean> noHistory =
      flag("--no-history", "do not read or write the command history");

  ShellCommand() {
    super(
        "An interactive prompt for all commands, with one database connection and"
            + " without start-up time per command. Tab completes commands, options, and"
            + " names and ids from the database; Ctrl-R searches the history; Ctrl-C ends"
            + " the running command or discards the line; Ctrl-D, exit or quit leaves the"
            + " shell. 'help', 'help COMMAND' and '?' show help; the key ? after a blank lists"
            + " what can stand there. A command may be abbreviated as long as it is the only one"
            + " that begins so ('si li'), at the prompt only, so that scripts stay valid when"
            + " commands are added. Common options given to the shell apply to all commands in"
            + " it.",
        "Words are quoted as in other shells: 'new york', \"new york\" or new\\ york."
            + " After a command, '| include TEXT' and '| exclude TEXT' filter rows by text,"
            + " ignoring case, '| count' counts rows and '| json' prints them as a JSON"
            + " document; filters can be chained. A query after 'sql' needs no quotes.",
        "Input from a pipe or a file is run as a script: no prompt, no colours, no"
            + " confirmation; '#' begins a comment; the first command that fails ends the"
            + " script with its exit code, and 'exit 3' ends it with that one.",
        "The history is saved in $XDG_STATE_HOME/patronus/history, else in"
            + " ~/.local/state/patronus/history, readable only by its owner. Lines that"
            + " begin with a blank are not saved, nor lines that appear to contain a"
            + " secret: password, passphrase, secret, token, api-key, private-key,"
            + " preshared-key or credential followed by a value, Bearer or Basic"
            + " credentials, a password in a URL, or a Base64 key as used by WireGuard.");
    example("shell", "the prompt");
    example("shell nightly.patronus", "run the commands of a file until one fails");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    Terminal terminal = call.terminal();
    boolean person = !file.given() && terminal.in() && terminal.out();
    return new Answer().exit(person ? converse(call) : obey(call));
  }

  /// Runs a script.
  private ExitCode obey(Invocation call) throws IOException {
    Terminal here = call.terminal();
    Terminal nobody = new Terminal(false, false, here.err(), here.columns(), here.lines());
    try (InputStream in = input(call);
        Session session = call.session().lasting(nobody, _ -> null);
        ShellCommands commands = new ShellCommands(session, call)) {
      String name = file.given() ? file.get().toString() : "standard input";
      return new Script(commands, new Utf8Lines(name, in)).run();
    }
  }

  private InputStream input(Invocation call) throws IOException {
    if (!file.given() || file.get().toString().equals("-")) {
      return call.session().in();
    }
    try {
      return Files.newInputStream(file.get());
    } catch (java.nio.file.NoSuchFileException e) {
      throw new UserError(
          ExitCode.FAILED, "there is no file " + file.get() + " to take commands from", e);
    }
  }

  /// Talks with a person.
  private ExitCode converse(Invocation call) throws IOException {
    Console[] console = new Console[1];
    try (Session session =
            call.session().lasting(call.terminal(), question -> console[0].ask(question));
        ShellCommands commands = new ShellCommands(session, call)) {
      commands.start();
      try (org.jline.terminal.Terminal terminal = open(call.terminal())) {
        console[0] = console(terminal, commands, call);
        greet(call);
        return console[0].run();
      }
    }
  }

  private Console console(
      org.jline.terminal.Terminal terminal, ShellCommands commands, Invocation call) {
    return new Console(
        terminal,
        commands,
        new DaemonPresence(call.databaseFile(), call.socketFile()),
        noHistory.get()
            ? HistoryFile.none()
            : HistoryFile.inHome(call.session().env(), System.getProperty("user.home")),
        idle.or(Duration.ZERO),
        call.screen().colour());
  }

  private static void greet(Invocation call) {
    int width = call.terminal().columns();
    String database = "patronus " + Version.TEXT + " on " + call.databaseFile();
    call.say(new Paragraph(width, 0).words(HumanFormat.visible(database)).toString());
    String keys = "Tab completes, 'help' lists the commands, Ctrl-D leaves.";
    call.say(new Paragraph(width, 0).words(keys).toString());
  }

  /// The process' own terminal. Text is UTF-8, as in all answers, whatever the locale says; nothing
  /// is asked of the terminal that a slow line would have to answer.
  private static org.jline.terminal.Terminal open(Terminal screen) throws IOException {
    TERMINAL_LIBRARY.setLevel(Level.OFF);
    org.jline.terminal.Terminal terminal =
        TerminalBuilder.builder()
            .system(true)
            .dumb(true)
            .providers("jni,exec")
            .encoding(StandardCharsets.UTF_8)
            .graphemeCluster(false)
            .build();
    if (terminal.getSize().getColumns() <= 0) { // a serial line knows no size
      terminal.setSize(Size.of(screen.columns(), screen.lines()));
    }
    return terminal;
  }
}
