package dev.patronus.cli;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.output.Answer;
import dev.patronus.role.Role;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// `patronus completion`: the script that teaches a shell to complete our words.
final class CompletionCommand extends Command {

  /// The shells that can learn it.
  enum Shell {
    BASH("patronus.bash"),
    ZSH("_patronus"),
    FISH("patronus.fish");

    private final String file;

    Shell(String file) {
      this.file = file;
    }

    /// The name of the script's file in `completions/`.
    String file() {
      return file;
    }
  }

  private final Option<Shell> shell = argumentChoice("SHELL", Shell.class, "bash, zsh or fish");

  CompletionCommand() {
    super(
        "Prints a shell completion script. Commands, options and values come from the"
            + " program, names of sites and policies from the database.");
    example("completion bash", "for ~/.bashrc: source <(patronus completion bash)");
    example("completion zsh", "into a folder of $fpath, as _patronus");
    example("completion fish", "into ~/.config/fish/completions/patronus.fish");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    call.out().write(script(shell.get()).getBytes(StandardCharsets.UTF_8));
    return new Answer();
  }

  /// The script of a shell.
  static String script(Shell shell) throws IOException {
    try (InputStream in =
        CompletionCommand.class.getResourceAsStream("completion/" + shell.file())) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
