package dev.patronus.cli.option;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Nearest;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.command.WordsAfter;
import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.flow.filter.UnreadableFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/// The filter of a command that shows flows: the words behind the command, one text or many, as
/// tcpdump takes them; and `--check-filter`.
///
/// Confined to the command's thread.
public final class FilterArgument {
  /// What the help says about the language.
  public static final String LANGUAGE =
      "A FILTER is written as for tcpdump: [src|dst] host ADDRESS, net PREFIX, port N or portrange"
          + " N-M; proto NAME, tcp, udp, icmp, icmp6, ip, ip6; and, or, not, brackets. A value"
          + " without a word takes that of the one before: 'port 80 or 443'. Besides: policy NAME,"
          + " unmatched, path ID, exporter ADDRESS, and bytes, packets or rate with >, >=, <, <= or"
          + " = and a number such as 10MB; a rate is in bytes per second, or in bits as in"
          + " 10Mbit/s. 'and' binds tighter than 'or'. Names of hosts and services are not looked"
          + " up. Quote what the shell takes for itself: brackets, !, <, >.";

  private static final List<String> WORDS =
      List.of(
          "src",
          "dst",
          "host",
          "net",
          "port",
          "portrange",
          "proto",
          "tcp",
          "udp",
          "icmp",
          "icmp6",
          "ip",
          "ip6",
          "policy",
          "unmatched",
          "path",
          "exporter",
          "bytes",
          "packets",
          "rate",
          "and",
          "or",
          "not");

  private final Option<List<String>> words;
  private final Option<Boolean> check;

  public FilterArgument(Command command) {
    words =
        command.arguments(
            "FILTER",
            "0..*",
            word -> word,
            new WordsAfter(
                WORDS,
                Map.of(
                    "policy", Completes.POLICY,
                    "path", Completes.PATH,
                    "exporter", Completes.EXPORTER)),
            "only flows that match, as 'dst port 443'");
    check =
        command.flag(
            "--check-filter", "only check whether the filter can be read; exit code 2 if not");
  }

  /// Checks the filter without the names of policies.
  ///
  /// @throws UserError if it cannot be read, or is missing where it is to be checked
  public void check() {
    read(_ -> 0);
    if (onlyChecked() && !words.given()) {
      throw new UserError(ExitCode.USAGE, "--check-filter requires a filter");
    }
  }

  /// Whether nothing more than the check is wanted.
  public boolean onlyChecked() {
    return check.get();
  }

  public boolean given() {
    return words.given();
  }

  /// Reads the filter, and says where tcpdump would read it differently.
  ///
  /// @param policies the id of a policy's name or id
  /// @throws UserError if there is no such policy
  public FlowFilter read(Invocation call, ToLongFunction<String> policies) {
    if (FlowFilter.isUnlikeTcpdump(text())) {
      call.say("In the filter 'and' binds tighter than 'or', unlike in tcpdump; use brackets.");
    }
    return read(policies);
  }

  private FlowFilter read(ToLongFunction<String> policies) {
    try {
      return FlowFilter.parse(text(), policies);
    } catch (UnreadableFilter e) {
      throw new UserError(ExitCode.USAGE, "FILTER: " + e.getMessage() + meant(e), e);
    }
  }

  /// The word that was probably meant, best one of those that are expected.
  private static String meant(UnreadableFilter e) {
    List<String> expected = WORDS.stream().filter(word -> ErrorText.of(e).contains(word)).toList();
    if (e.word().isEmpty()) {
      return "";
    }
    return Nearest.of(e.word(), expected)
        .or(() -> Nearest.of(e.word(), WORDS))
        .filter(near -> !near.equals(e.word()))
        .map(near -> "; " + Nearest.didYouMean(near))
        .orElse("");
  }

  /// The whole filter. A name of several words that a shell has unquoted gets quotes again.
  public String text() {
    List<String> typed = new ArrayList<>();
    for (String word : words.or(List.of())) {
      boolean name = !typed.isEmpty() && typed.getLast().equals("policy") && word.contains(" ");
      typed.add(name && word.indexOf('"') < 0 ? '"' + word + '"' : word);
    }
    return String.join(" ", typed);
  }
}
