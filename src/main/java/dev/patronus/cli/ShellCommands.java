package dev.patronus.cli;

import dev.patronus.cli.command.CommandModel;
import dev.patronus.cli.command.GlobalOptions;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Session;
import dev.patronus.cli.complete.Completer;
import dev.patronus.cli.complete.Completer.Candidate;
import dev.patronus.cli.complete.CursorPosition;
import dev.patronus.cli.complete.NameLookup;
import dev.patronus.cli.complete.NamedOnLine;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.shell.Commands;
import dev.patronus.shell.PipeFilter;
import dev.patronus.shell.TypedLine;
import dev.patronus.store.maintenance.QueryText;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// All commands, for the shell: one [Cli] on one session runs them, the model tells about them.
///
/// Confined to the shell's thread. The whole model, which takes a moment, is made on another one
/// meanwhile.
final class ShellCommands implements Commands, AutoCloseable {
  private final Session session;
  private final Cli cli;
  private final NameLookup names;
  private final FutureTask<CommandSpec> model =
      new FutureTask<>(
          () -> CommandModel.whole(CommandTree.ROOT, new GlobalOptions()).getCommandSpec());

  /// @param session the shell's own, for all its commands
  /// @param outer the call of the shell, whose options hold for its commands
  ShellCommands(Session session, Invocation outer) {
    this.session = session;
    this.cli = new Cli(CommandTree.ROOT, session, () -> new GlobalOptions(outer.globals()));
    this.names = new NameLookup(outer);
  }

  /// Begins to make the model.
  void start() {
    Thread.ofPlatform().daemon().name("model").start(model);
  }

  private CommandSpec root() {
    model.run(); // does nothing if another thread has begun
    try {
      return model.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the command model was built", e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException("the command model cannot be built", e);
    }
  }

  @Override
  public ExitCode run(TypedLine line) {
    ExitCode code;
    try {
      code = runOrRefuse(line.words(), line.stages());
    } catch (UserError e) {
      say("patronus: " + e.getMessage());
      code = e.exitCode();
    }
    if (Thread.currentThread().isInterrupted() || code == ExitCode.UNUSABLE_DATABASE) {
      closeDatabases();
    }
    return code;
  }

  private ExitCode runOrRefuse(List<String> words, List<PipeFilter> stages) {
    if (words.isEmpty()) {
      return ExitCode.DONE;
    }
    List<String> all = new ArrayList<>(session.terminal().in() ? spelledOut(words) : words);
    refuse(all);
    if (stages.stream().anyMatch(PipeFilter.Json.class::isInstance)) {
      all.addFirst("--json");
    }
    return cli.run(stages, all.toArray(String[]::new));
  }

  /// The words with the names of commands spelled out: at the prompt, where a person sees what they
  /// mean, the beginning that only one command has is enough. Scripts and other shells write whole
  /// names, since a later version may have another command that begins so.
  private List<String> spelledOut(List<String> words) {
    List<String> whole = new ArrayList<>(words);
    CommandSpec place = root();
    for (int i = 0; i < whole.size() && !place.subcommands().isEmpty(); i++) {
      String word = whole.get(i);
      List<String> meant = beginning(place, word);
      if (meant.size() > 1) {
        throw new UserError(
            ExitCode.USAGE, "'" + word + "' is ambiguous: " + String.join(", ", meant));
      }
      if (meant.isEmpty()) {
        return whole;
      }
      whole.set(i, meant.getFirst());
      place = Objects.requireNonNull(place.subcommands().get(meant.getFirst())).getCommandSpec();
    }
    return whole;
  }

  /// The words in front of one that is still typed, spelled out as far as it is clear what they
  /// mean.
  private List<String> meant(List<String> words) {
    try {
      return spelledOut(words);
    } catch (UserError _) {
      return words;
    }
  }

  /// The commands below this one that a word names, or else begins.
  private static List<String> beginning(CommandSpec place, String word) {
    if (word.isEmpty() || place.subcommands().containsKey(word)) {
      return word.isEmpty() ? List.of() : List.of(word);
    }
    return place.subcommands().values().stream()
        .map(child -> child.getCommandSpec())
        .filter(child -> !child.usageMessage().hidden() && child.name().startsWith(word))
        .map(CommandSpec::name)
        .toList();
  }

  /// What would take the terminal or the signals away from the shell.
  private static void refuse(List<String> words) {
    if (words.contains("--help") || words.contains("-h")) {
      return;
    }
    if (words.getFirst().equals("shell")) {
      throw new UserError(ExitCode.REFUSED, "this is already the shell; 'exit' leaves it");
    }
    if (words.getFirst().equals("daemon") && !words.contains("--check")) {
      throw new UserError(
          ExitCode.REFUSED,
          "the daemon cannot be started from the shell; use 'systemctl start"
              + " patronus', or run 'patronus daemon' outside the shell");
    }
  }

  /// After an interrupt, or a failure of the database itself, the next command begins afresh:
  /// closing rolls back whatever was open.
  private void closeDatabases() {
    try {
      session.close();
    } catch (UserError e) {
      say("patronus: " + e.getMessage());
    }
  }

  @Override
  public void say(String message) {
    session.tell(HumanFormat.visible(message));
  }

  @Override
  public void resize(int columns, int lines) {
    session.resize(columns, lines);
  }

  @Override
  public List<Suggestion> suggestions(List<String> words) {
    List<String> whole = new ArrayList<>(meant(words.subList(0, words.size() - 1)));
    whole.add(words.getLast());
    Completer completer =
        new Completer(
            root(), (completes, typed) -> names.of(NamedOnLine.of(whole), completes, typed));
    return completer.complete(whole).stream().map(ShellCommands::suggestion).toList();
  }

  private static Suggestion suggestion(Candidate candidate) {
    return new Suggestion(candidate.word(), candidate.description());
  }

  @Override
  public Meaning meaning(List<String> before, String word) {
    CursorPosition place = CursorPosition.behind(root(), meant(before));
    if (place.pending() != null) {
      return Meaning.VALUE;
    }
    if (word.startsWith("-") && word.length() > 1) {
      return place.knowsOption(word) ? Meaning.OPTION : Meaning.UNKNOWN;
    }
    if (beginning(place.command(), word).size() == 1) {
      return Meaning.COMMAND;
    }
    return place.arguments().isEmpty() ? Meaning.UNKNOWN : Meaning.VALUE;
  }

  @Override
  public String hint(List<String> words) {
    if (words.isEmpty()) {
      return "";
    }
    String last = words.getLast();
    List<String> before = words.subList(0, words.size() - 1);
    boolean isCommand = !last.isEmpty() && meaning(before, last) == Meaning.COMMAND;
    if (!last.isEmpty() && !isCommand) {
      return "";
    }
    return hint(CursorPosition.behind(root(), isCommand ? words : before));
  }

  private static String hint(CursorPosition place) {
    if (place.pending() != null) {
      String what = String.join(" ", place.pending().description());
      return place.pending().paramLabel() + "  " + what;
    }
    CommandSpec command = place.command();
    if (command.parent() == null) {
      return "";
    }
    List<String> parts = new ArrayList<>();
    place.arguments().stream().map(ShellCommands::label).forEach(parts::add);
    if (place.positionals() == 0) {
      if (!command.subcommands().isEmpty()) {
        parts.add(String.join(" | ", command.subcommands().keySet()));
      }
      parts.add(" " + String.join(" ", command.usageMessage().header()));
    }
    return String.join(" ", parts).strip();
  }

  private static String label(PositionalParamSpec argument) {
    String label = argument.paramLabel() + (argument.arity().max() > 1 ? "..." : "");
    return argument.arity().min() == 0 ? "[" + label + "]" : label;
  }

  @Override
  public boolean begins(List<String> before, String word) {
    List<String> words =
        !before.isEmpty() && before.getFirst().equals("patronus")
            ? before.subList(1, before.size())
            : before;
    return !words.isEmpty() && words.getFirst().equals("sql") && QueryText.begins(word);
  }

  @Override
  public int skipOne(String text, int at) {
    return QueryText.skipOne(text, at);
  }

  @Override
  public void close() {
    names.close();
  }
}
