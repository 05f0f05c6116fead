package dev.patronus.cli;

import dev.patronus.cli.command.Nearest;
import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// What the parser refused, as a line that ends in a next step.
final class UsageErrors {
  private UsageErrors() {}

  static UserError translate(ParameterException e) {
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    String help = "; see '" + spec.qualifiedName() + " --help'";
    return switch (e) {
      case UnmatchedArgumentException unmatched ->
          usage(unmatched(spec, unmatched.getUnmatched(), help), e);
      case MissingParameterException missing -> usage(missing(missing.getMissing()) + help, e);
      default -> usage(firstLine(ErrorText.of(e)) + help, e);
    };
  }

  private static UserError usage(String message, Exception cause) {
    return new UserError(ExitCode.USAGE, message, cause);
  }

  private static String missing(List<ArgSpec> missing) {
    ArgSpec first = missing.getFirst();
    return first instanceof OptionSpec option
        ? option.longestName() + " needs a value (" + option.paramLabel() + ")"
        : first.paramLabel() + " is missing";
  }

  private static String unmatched(CommandSpec spec, List<String> unmatched, String help) {
    String word = unmatched.getFirst();
    if (hasPortApart(spec, unmatched)) {
      return "write a port behind its address, as in 10.1.2.3:40000 192.0.2.10:443" + help;
    }
    boolean option = word.startsWith("-");
    List<String> known = option ? longNames(spec) : List.copyOf(spec.subcommands().keySet());
    String what = option ? "option" : known.isEmpty() ? "argument" : "command";
    Optional<String> near = Nearest.of(word, known);
    Optional<String> meant = near.isEmpty() && !option ? asValue(spec, word) : near;
    return "unknown "
        + what
        + " '"
        + word
        + "'"
        + meant.map(other -> "; " + Nearest.didYouMean(other)).orElse(help);
  }

  /// Whether one of the words for two ends of a flow is a bare number, which has made them too
  /// many.
  private static boolean hasPortApart(CommandSpec spec, List<String> unmatched) {
    Stream<String> typed =
        spec.positionalParameters().stream().flatMap(each -> each.originalStringValues().stream());
    return spec.positionalParameters().stream().anyMatch(each -> each.paramLabel().equals("DST"))
        && Stream.concat(typed, unmatched.stream()).anyMatch(word -> word.matches("[0-9]{1,5}"));
  }

  /// The names of options that can be mistyped: all letters are near each other.
  private static List<String> longNames(CommandSpec spec) {
    return spec.options().stream()
        .flatMap(option -> Stream.of(option.names()))
        .filter(name -> name.startsWith("--"))
        .toList();
  }

  /// The word as the value of the option that names what the command is about; empty without such,
  /// or if it looks like no name.
  private static Optional<String> asValue(CommandSpec spec, String word) {
    if (word.isEmpty() || !Character.isLetterOrDigit(word.codePointAt(0))) {
      return Optional.empty();
    }
    return Stream.of("--policy", "--site")
        .filter(name -> spec.findOption(name) != null)
        .findFirst()
        .map(name -> name + " " + word);
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
