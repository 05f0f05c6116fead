package dev.patronus.cli.policy;

import dev.patronus.cli.option.EndpointOption;
import dev.patronus.flow.FlowKey;
import dev.patronus.policy.rule.ProtocolName;
import dev.patronus.site.EndpointAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// A line of a policy test: a flow, and the policy and path that it should have.
///
/// ```
/// line = SRC ">" DST [ PROTOCOL ] "is" ( POLICY | "unmatched" ) [ "via" ( "path" ID | "none" ) ]
/// ```
///
/// Immutable.
///
/// @param line the number of its line, from 1
/// @param policy the name or id of the policy; empty for none
/// @param path the path; empty if the line does not say
record FlowExpectation(
    int line, String text, FlowKey flow, Optional<String> policy, Optional<PathWanted> path) {
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|[^\\s\"]+");
  private static final String FORM =
      "write SRC > DST [PROTOCOL] is POLICY [via path ID], as in"
          + " '10.1.2.3 > 10.2.0.5:5060 udp is voice via path 7'";

  /// The path that is wanted; empty for no path.
  record PathWanted(Optional<Long> pathId) {}

  FlowExpectation {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(flow, "flow");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(path, "path");
  }

  /// Reads a line.
  ///
  /// @throws IllegalArgumentException that says what is wrong with it
  static FlowExpectation parse(int line, String text) {
    List<MatchResult> words = WORD.matcher(text).results().toList();
    int is = -1;
    for (int i = 0; i < words.size() && is < 0; i++) {
      is = word(words, i).equals("is") ? i : -1;
    }
    if ((is != 3 && is != 4) || !word(words, 1).equals(">") || words.size() < is + 2) {
      throw new IllegalArgumentException("cannot read the line; " + FORM);
    }
    EndpointAddress src = EndpointOption.read(word(words, 0));
    EndpointAddress dst = EndpointOption.read(word(words, 2));
    if (src.ip().isV4() != dst.ip().isV4()) {
      throw new IllegalArgumentException("source and destination are not of one address family");
    }
    int protocol = is == 4 ? ProtocolName.parse(word(words, 3)) : FlowKey.TCP;
    boolean unmatched =
        words.get(is + 1).group(1) == null && word(words, is + 1).equals("unmatched");
    return new FlowExpectation(
        line,
        text,
        FlowKey.of(src.ip(), src.port().orElse(0), dst.ip(), dst.port().orElse(0), protocol),
        unmatched ? Optional.empty() : Optional.of(word(words, is + 1)),
        path(words.stream().skip(is + 2L).map(FlowExpectation::word).toList()));
  }

  private static String word(List<MatchResult> words, int at) {
    return at < words.size() ? word(words.get(at)) : "";
  }

  private static String word(MatchResult word) {
    return word.group(1) == null ? word.group() : word.group(1);
  }

  private static Optional<PathWanted> path(List<String> words) {
    if (words.isEmpty()) {
      return Optional.empty();
    }
    if (words.equals(List.of("via", "none"))) {
      return Optional.of(new PathWanted(Optional.empty()));
    }
    boolean path =
        words.size() == 3
            && words.get(0).equals("via")
            && words.get(1).equals("path")
            && words.get(2).matches("[0-9]{1,18}");
    if (!path) {
      throw new IllegalArgumentException(
          "cannot read '" + String.join(" ", words) + "'; write 'via path ID' or 'via none'");
    }
    return Optional.of(new PathWanted(Optional.of(Long.parseLong(words.get(2)))));
  }

  /// What is expected, as it is written.
  String wanted() {
    return policy.orElse("unmatched")
        + path.map(wanted -> wanted.pathId().map(id -> " via path " + id).orElse(" via none"))
            .orElse("");
  }
}
