package dev.patronus.cli;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.CommandModel;
import dev.patronus.cli.command.GlobalOptions;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.complete.Completer;
import dev.patronus.cli.complete.Completer.Candidate;
import dev.patronus.cli.complete.NameCandidates;
import dev.patronus.cli.complete.NamedOnLine;
import dev.patronus.output.Answer;
import dev.patronus.output.text.DisplayWidth;
import dev.patronus.role.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/// `patronus __complete -- WORDS`: what the shells' completions ask; one candidate a line, its
/// description behind a tab. [#FILES] says that the shell shall complete file names, too.
///
/// Reads the database, or the hub, without changing it, takes [#TIMEOUT] at most, and says nothing
/// where anything fails.
final class CompleteCommand extends Command {
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final int DESCRIPTION = 60;

  /// The line that asks the shell for the names of files.
  private static final String FILES = "\t:files\n";

  private final Option<List<String>> words =
      arguments("WORD", "0..*", text -> text, Completes.NOTHING, "the words typed after patronus");

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    List<String> typed = words.or(List.of("")).isEmpty() ? List.of("") : words.or(List.of(""));
    Completer completer =
        new Completer(
            CommandModel.forCompletion(CommandTree.ROOT, new GlobalOptions(), typed)
                .getCommandSpec(),
            (completes, beginning) ->
                withTimeout(call, NamedOnLine.of(typed), completes, beginning));
    String lines =
        completer.complete(typed).stream().map(CompleteCommand::line).collect(Collectors.joining());
    String files = completer.takesFile(typed) ? FILES : "";
    call.out().write((lines + files).getBytes(StandardCharsets.UTF_8));
    return new Answer();
  }

  /// The live names, if they come soon enough.
  private static List<Candidate> withTimeout(
      Invocation call, NamedOnLine named, Completes completes, String typed) {
    CompletableFuture<List<Candidate>> names =
        CompletableFuture.supplyAsync(() -> NameCandidates.of(call, named, completes, typed));
    try {
      return names.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException _) {
      return List.of();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  private static String line(Candidate candidate) {
    String cut = DisplayWidth.cut(candidate.description(), DESCRIPTION);
    return candidate.word() + (cut.isEmpty() ? "" : "\t" + cut) + "\n";
  }
}
