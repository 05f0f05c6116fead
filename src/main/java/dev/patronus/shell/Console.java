package dev.patronus.shell;

import static java.util.Objects.requireNonNull;

import dev.patronus.error.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jline.keymap.KeyMap;
import org.jline.reader.Binding;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReader.Option;
import org.jline.reader.LineReader.SuggestionType;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.MaskingCallback;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser.ParseContext;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.utils.AttributedString;
import org.jspecify.annotations.Nullable;

/// The prompt: reads lines from a person and runs them, until the person leaves. Several lines in
/// one paste are several commands, which run in their order up to the first that fails; a last one
/// without a line end stays in the editor.
///
/// Confined to one thread, which Ctrl-C interrupts while a command is at work. Between two lines
/// the terminal is as it was found, so that commands, pagers and questions find it as they expect.
/// The terminal belongs to the caller that opened it.
public final class Console {
  private static final int LIST_WITHOUT_ASKING = 200;
  private static final String COMPLETE = "patronus-complete";
  private static final String QUESTION = "patronus-question";

  /// What xterm and its like send for keys, beside what terminfo(5) says that the terminal sends: a
  /// key that is pressed while a command runs comes in the terminal's normal mode (`ESC [ A`), and
  /// the editor asks for the application mode (`ESC O A`); of a terminal that this system does not
  /// know, terminfo says nothing.
  private static final Map<String, String> KEYS =
      Map.ofEntries(
          Map.entry("\033[A", LineReader.UP_LINE_OR_SEARCH),
          Map.entry("\033OA", LineReader.UP_LINE_OR_SEARCH),
          Map.entry("\033[B", LineReader.DOWN_LINE_OR_SEARCH),
          Map.entry("\033OB", LineReader.DOWN_LINE_OR_SEARCH),
          Map.entry("\033[C", LineReader.FORWARD_CHAR),
          Map.entry("\033OC", LineReader.FORWARD_CHAR),
          Map.entry("\033[D", LineReader.BACKWARD_CHAR),
          Map.entry("\033OD", LineReader.BACKWARD_CHAR),
          Map.entry("\033[1;3C", LineReader.FORWARD_WORD),
          Map.entry("\033[1;5C", LineReader.FORWARD_WORD),
          Map.entry("\033[1;3D", LineReader.BACKWARD_WORD),
          Map.entry("\033[1;5D", LineReader.BACKWARD_WORD),
          Map.entry("\033[H", LineReader.BEGINNING_OF_LINE),
          Map.entry("\033OH", LineReader.BEGINNING_OF_LINE),
          Map.entry("\033[1~", LineReader.BEGINNING_OF_LINE),
          Map.entry("\033[F", LineReader.END_OF_LINE),
          Map.entry("\033OF", LineReader.END_OF_LINE),
          Map.entry("\033[4~", LineReader.END_OF_LINE),
          Map.entry("\033[3~", LineReader.DELETE_CHAR));

  private final Terminal terminal;
  private final Commands commands;
  private final Supplier<Prompt> prompt;
  private final boolean colour;
  private final IdleWatch idle;
  private final SyntaxHighlighter dress;
  private final PersistentHistory history;
  private final LineReader reader;
  private final LineReader questions;
  private boolean pasted;
  private String partial = "";
  private @Nullable Thread working;

  /// Whether Ctrl-C came between the end of a line and the begin of its command.
  private boolean interrupted;

  /// @param prompt what stands before the cursor; asked before each line, and must not take long
  /// @param idle after how long without a key the shell leaves by itself; zero for never
  public Console(
      Terminal terminal,
      Commands commands,
      Supplier<Prompt> prompt,
      HistoryFile history,
      Duration idle,
      boolean colour) {
    this.terminal = terminal;
    this.commands = commands;
    this.prompt = prompt;
    this.colour = colour;
    this.idle = new IdleWatch(idle);
    this.dress = new SyntaxHighlighter(commands, colour, this.idle::touch);
    this.history = new PersistentHistory(history, commands::say);
    this.history.load(Instant.EPOCH);
    this.reader = reader();
    this.questions = LineReaderBuilder.builder().terminal(terminal).build();
    questions.setVariable(LineReader.DISABLE_HISTORY, true);
    questions.setVariable(LineReader.DISABLE_COMPLETION, true);
    questions.option(Option.DISABLE_EVENT_EXPANSION, true);
    KEYS.forEach((key, widget) -> keys(reader).bind(new Reference(widget), key));
    KEYS.forEach((key, widget) -> keys(questions).bind(new Reference(widget), key));
  }

  private LineReader reader() {
    LineReader made =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("patronus")
            .history(history)
            .parser(this::parse)
            .completer(new WordCompleter(commands))
            .highlighter(dress)
            .option(Option.DISABLE_EVENT_EXPANSION, true)
            .option(Option.CASE_INSENSITIVE, true)
            .option(Option.CASE_INSENSITIVE_SEARCH, true)
            .option(Option.COMPLETE_MATCHER_CAMELCASE, false)
            .option(Option.COMPLETE_MATCHER_TYPO, false)
            .option(Option.INSERT_TAB, false)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "> ")
            .variable(LineReader.BELL_STYLE, "none")
            .variable(LineReader.LIST_MAX, LIST_WITHOUT_ASKING)
            .build();
    made.setAutosuggestion(SuggestionType.TAIL_TIP);
    made.getWidgets().put(COMPLETE, () -> complete(made));
    made.getWidgets().put(LineReader.BEGIN_PASTE, () -> paste(made));
    made.getWidgets().put(QUESTION, () -> question(made));
    KeyMap<Binding> keys = keys(made);
    keys.bind(new Reference(COMPLETE), "\t");
    keys.bind(new Reference(QUESTION), "?");
    return made;
  }

  private static KeyMap<Binding> keys(LineReader reader) {
    return requireNonNull(reader.getKeyMaps().get(LineReader.MAIN));
  }

  /// Takes a paste between the terminal's brackets (xterm's private mode 2004). Where it ends a
  /// command, that runs, as it does where the terminal has no brackets.
  private boolean paste(LineReader reader) {
    requireNonNull(reader.getBuiltinWidgets().get(LineReader.BEGIN_PASTE)).apply();
    pasted = !CommandReader.split(reader.getBuffer().toString(), commands).whole().isEmpty();
    if (pasted) {
      reader.getBuffer().cursor(reader.getBuffer().length());
      reader.callWidget(LineReader.ACCEPT_LINE);
    }
    return true;
  }

  /// Lists what can stand where a word begins, as the key for completion does; within a word or a
  /// quoted text it is a character.
  private boolean question(LineReader reader) {
    String before = reader.getBuffer().upToCursor();
    boolean begins = before.isEmpty() || before.endsWith(" ");
    if (!begins || TypedLine.read(before, commands).unfinished()) {
      reader.getBuffer().write('?');
      return true;
    }
    return complete(reader);
  }

  /// Completes without the hint meanwhile: behind a blank, the editor would take the list away to
  /// show it.
  private static boolean complete(LineReader reader) {
    reader.setAutosuggestion(SuggestionType.NONE);
    try {
      reader.callWidget(LineReader.EXPAND_OR_COMPLETE);
      return true;
    } finally {
      reader.setAutosuggestion(SuggestionType.TAIL_TIP);
    }
  }

  /// For the editor: an open quote lets a line go on, which is accepted only when it is whole.
  private ParsedLine parse(String text, int cursor, ParseContext context) {
    boolean accepting = context == ParseContext.ACCEPT_LINE || context == ParseContext.UNSPECIFIED;
    if (accepting && !pasted && TypedLine.read(text, commands).unfinished()) {
      throw new EOFError(-1, cursor, "missing closing quote");
    }
    return CursorLine.read(text, Math.min(cursor, text.length()), commands);
  }

  /// Reads and runs lines until the person leaves or falls asleep.
  public ExitCode run() {
    terminal.handle(Signal.INT, _ -> interrupt());
    idle.start();
    Interpreter interpreter = new Interpreter(commands);
    try {
      boolean stays = true;
      while (stays) {
        Optional<String> line = read();
        stays = line.isEmpty() || run(interpreter, line.get());
      }
    } catch (EndOfFileException _) {
      if (idle.expired()) {
        commands.say("Idle timeout: the shell exits.");
      }
    }
    return interpreter.left();
  }

  /// The next line; empty where it was thrown away with Ctrl-C.
  ///
  /// @throws EndOfFileException if there is none
  private Optional<String> read() {
    if (idle.expired()) {
      throw new EndOfFileException();
    }
    AttributedString before = prompt.get().text(colour);
    dress.promptWidth(before.columnLength());
    String begun = partial;
    partial = "";
    pasted = false;
    forgetInterrupt();
    idle.begin();
    try {
      String line = reader.readLine(before.toAnsi(terminal), null, (MaskingCallback) null, begun);
      keepInterrupt();
      return Optional.of(line);
    } catch (UserInterruptException e) {
      if (idle.expired()) {
        throw new EndOfFileException(e);
      }
      return Optional.empty();
    } finally {
      idle.end();
      clearInterrupt();
    }
  }

  private boolean run(Interpreter interpreter, String text) {
    CommandReader.Split split = CommandReader.split(pasted ? text : text + "\n", commands);
    List<String> whole = split.whole().stream().filter(each -> !each.isBlank()).toList();
    whole.forEach(each -> history.remember(Instant.now(), each));
    for (int i = 0; i < whole.size(); i++) {
      Optional<ExitCode> ended = runOne(interpreter, whole.get(i));
      boolean rest = i + 1 < whole.size() || !split.partial().isBlank();
      if (ended.isPresent() && ended.get() != ExitCode.DONE && rest) {
        commands.say(
            "patronus: stopped at command "
                + (i + 1)
                + " of "
                + whole.size()
                + "; the rest was not run");
        return true;
      }
      if (ended.isEmpty()) {
        return false;
      }
    }
    partial = split.partial();
    return true;
  }

  private Optional<ExitCode> runOne(Interpreter interpreter, String command) {
    commands.resize(terminal.getSize().getColumns(), terminal.getSize().getRows());
    begin();
    try {
      return interpreter.run(command);
    } finally {
      end();
    }
  }

  /// Asks the person something in the middle of a command.
  ///
  /// @return what was typed; null where it was broken off
  public @Nullable String ask(String question) throws IOException {
    end();
    idle.begin();
    try {
      return questions.readLine(question);
    } catch (UserInterruptException | EndOfFileException _) {
      return null;
    } finally {
      idle.end();
      begin();
    }
  }

  private synchronized void begin() {
    working = Thread.currentThread();
    if (interrupted) {
      interrupted = false;
      working.interrupt();
    }
  }

  private synchronized void end() {
    working = null;
    clearInterrupt();
  }

  private synchronized void interrupt() {
    if (working != null) {
      working.interrupt();
    } else {
      interrupted = true;
    }
  }

  private synchronized void forgetInterrupt() {
    interrupted = false;
  }

  /// Keeps for the command an interrupt that came while the editor ended its line, but not that of
  /// the idle timeout.
  private synchronized void keepInterrupt() {
    interrupted |= Thread.interrupted() && !idle.expired();
  }

  /// An interrupt that came when all was done has nothing left to end.
  @SuppressWarnings("ResultOfMethodCallIgnored")
  private static void clearInterrupt() {
    Thread.interrupted();
  }
}
