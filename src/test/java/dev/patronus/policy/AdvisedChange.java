package dev.patronus.policy;

import dev.patronus.flow.IpPrefix;
import dev.patronus.policy.rule.ApplicationClass;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.PortRange;
import dev.patronus.policy.rule.ProtocolName;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A sentence of [Verdict#change] as an admin reads it: `policy 'bulk' would take it if its port
/// range reached 8443 and its priority were above 50 ('web')`.
record AdvisedChange(List<String> clauses) {
  static AdvisedChange of(String sentence) {
    return new AdvisedChange(
        List.of(sentence.split(" would take it if ", 2)[1].split(" and ", -1)));
  }

  /// The policy, changed by what the clauses say and by nothing else.
  Policy applyTo(Policy policy) {
    Policy changed = policy;
    for (String clause : clauses) {
      changed = apply(clause, changed);
    }
    return changed;
  }

  private static Policy apply(String clause, Policy policy) {
    if (clause.equals("it were enabled")) {
      return new Policy(
          policy.id(), policy.name(), policy.priority(), true, policy.rules(), policy.preference());
    }
    Matcher priority = Pattern.compile("its priority were above (-?[0-9]+) .*").matcher(clause);
    if (priority.matches()) {
      long above = Long.parseLong(priority.group(1)) + 1;
      return new Policy(
          policy.id(), policy.name(), above, policy.enabled(), policy.rules(), policy.preference());
    }
    Matcher rule =
        Pattern.compile(
                "its (?:rule had the )?(.*?)(?: included| reached|(?<=source port|protocol|class)) ([^ ]*)")
            .matcher(clause);
    if (!rule.matches()) {
      throw new AssertionError("nobody understands: " + clause);
    }
    MatchRules rules = apply(rule.group(1), rule.group(2), (MatchRules) policy.rules());
    return new Policy(
        policy.id(),
        policy.name(),
        policy.priority(),
        policy.enabled(),
        rules,
        policy.preference());
  }

  private static MatchRules apply(String field, String value, MatchRules r) {
    Optional<IpPrefix> src = r.src();
    Optional<IpPrefix> dst = r.dst();
    OptionalInt srcPort = r.srcPort();
    Optional<PortRange> dstPorts = r.dstPorts();
    OptionalInt protocol = r.protocol();
    Optional<ApplicationClass> application = r.application();
    switch (field) {
      case "source addresses" -> src = Optional.of(IpPrefix.parse(value));
      case "destination addresses" -> dst = Optional.of(IpPrefix.parse(value));
      case "source port" -> srcPort = OptionalInt.of(Integer.parseInt(value));
      case "port range" -> dstPorts = Optional.of(reaching(dstPorts.orElseThrow(), value));
      case "protocol" -> protocol = OptionalInt.of(ProtocolName.parse(value));
      case "application class" -> application = Optional.of(named(value));
      default -> throw new AssertionError("nobody knows the field '" + field + "'");
    }
    return new MatchRules(src, dst, srcPort, dstPorts, protocol, application);
  }

  private static PortRange reaching(PortRange range, String port) {
    int reached = Integer.parseInt(port);
    return new PortRange(Math.min(range.low(), reached), Math.max(range.high(), reached));
  }

  private static ApplicationClass named(String name) {
    for (ApplicationClass each : ApplicationClass.values()) {
      if (each.toString().equals(name)) {
        return each;
      }
    }
    throw new AssertionError("nobody knows the class '" + name + "'");
  }
}
