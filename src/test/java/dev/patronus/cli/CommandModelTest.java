package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.cli.command.CommandModel;
import dev.patronus.cli.command.GlobalOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

class CommandModelTest {
  /// What was read of each command that was named, the outermost first.
  private static List<String> read(ParseResult result) {
    List<String> read = new ArrayList<>();
    for (ParseResult at = result; at != null; at = at.hasSubcommand() ? at.subcommand() : null) {
      Map<String, List<String>> values = new TreeMap<>();
      for (ArgSpec each : at.matchedArgs()) {
        String name = each instanceof OptionSpec option ? option.longestName() : each.paramLabel();
        values.put(name, each.stringValues());
      }
      read.add(at.commandSpec().qualifiedName() + values);
    }
    return read;
  }

  private static List<String> parsed(String... words) {
    return read(CommandModel.parse(CommandTree.ROOT, new GlobalOptions(), words));
  }

  private static void assertReadAlike(String... words) {
    List<String> whole =
        read(CommandModel.whole(CommandTree.ROOT, new GlobalOptions()).parseArgs(words));
    assertEquals(whole, parsed(words), String.join(" ", words));
  }

  @Test
  void what_examples_mean_does_not_depend_on_the_options_that_are_not_typed() {
    for (CommandExample example : CommandExample.all()) {
      assertReadAlike(example.words().toArray(String[]::new));
    }
  }

  @Test
  void all_ways_to_write_an_option_are_found() {
    assertReadAlike("--db=x.db", "stats", "-n3", "-s", "bytes");
    assertReadAlike("stats", "-qv", "--limit=3", "--watch", "5s");
    assertReadAlike("stats", "-vn3", "--alert", "bytes>1,age>2", "--alert=idle>3");
    assertReadAlike("-qo", "json", "stats");
    assertReadAlike("stats", "--sort", "flows");
  }

  @Test
  void a_value_that_is_written_like_an_option_is_refused() {
    for (String value : List.of("--json", "-q", "-qv")) {
      assertThrows(ParameterException.class, () -> parsed("site", "list", "--db", value), value);
    }
  }

  @Test
  void options_and_commands_that_are_not_typed_are_not_built() {
    ParseResult result =
        CommandModel.last(
            CommandModel.parse(
                CommandTree.ROOT, new GlobalOptions(), "stats", "--db=x.db", "-n", "3"));
    assertEquals(
        Set.of("--db", "--limit"),
        result.commandSpec().options().stream()
            .map(OptionSpec::longestName)
            .collect(Collectors.toSet()));
    assertEquals(Set.of(), result.commandSpec().subcommands().keySet());
  }
}
