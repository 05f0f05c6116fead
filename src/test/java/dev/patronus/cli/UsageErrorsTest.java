package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.command.CommandModel;
import dev.patronus.cli.command.GlobalOptions;
import dev.patronus.error.ExitCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

class UsageErrorsTest {
  /// Those commands, as typed, that cannot do without an argument, each with its first one's name.
  private static List<String> incomplete(String words, CommandSpec spec) {
    List<String> found = new ArrayList<>();
    spec.subcommands()
        .forEach((name, line) -> {
          CommandSpec child = line.getCommandSpec();
          String typed = (words + " " + name).strip();
          child.positionalParameters().stream()
              .filter(argument -> argument.arity().min() > 0)
              .limit(1)
              .map(PositionalParamSpec::paramLabel)
              .forEach(label -> found.add(typed + "|" + label));
          found.addAll(incomplete(typed, child));
        });
    return found;
  }

  @Test
  void every_command_says_which_argument_is_missing() {
    List<String> commands =
        incomplete("", CommandModel.whole(CommandTree.ROOT, new GlobalOptions()).getCommandSpec());
    assertTrue(commands.contains("site show|SITE"), commands::toString);
    for (String command : commands) {
      String words = command.substring(0, command.indexOf('|'));
      String label = command.substring(command.indexOf('|') + 1);
      CommandLineRun.bare()
          .run(words.split(" ", -1))
          .failed(ExitCode.USAGE, label + " is missing; see 'patronus " + words + " --help'");
    }
  }

  @Test
  void a_second_argument_is_missed_too() {
    CommandLineRun.bare()
        .run("policy", "explain", "10.0.0.1")
        .failed(ExitCode.USAGE, "DST is missing; see 'patronus policy explain --help'");
  }

  @Test
  void help_needs_no_argument() {
    assertEquals(ExitCode.DONE, CommandLineRun.bare().run("site", "show", "--help").exitCode());
  }

  @Test
  void an_error_on_a_terminal_breaks_between_words_and_elsewhere_stays_one_line() {
    String[] words = {"stats", "--watch", "1ms"};
    String line = CommandLineRun.bare().run(words).err();
    assertEquals(1, line.lines().count(), line);
    List<String> lines = CommandLineRun.bare().onTerminal(30, 24).run(words).err().lines().toList();
    assertTrue(lines.size() > 1, lines::toString);
    assertTrue(lines.stream().allMatch(each -> each.length() <= 30), lines::toString);
    assertEquals(line.strip(), String.join(" ", lines.stream().map(String::strip).toList()));
  }
}
