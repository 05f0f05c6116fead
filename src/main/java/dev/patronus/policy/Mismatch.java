package dev.patronus.policy;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.policy.rule.ApplicationClass;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.PortRange;
import dev.patronus.policy.rule.ProtocolName;
import dev.patronus.policy.rule.RuleField;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A condition that a flow does not fit.
///
/// Immutable.
///
/// @param flowValue what the flow has there: `8443`
/// @param ruleValue what the rule wants: `80-443`
public record Mismatch(RuleField field, String flowValue, String ruleValue) {
  /// How far another protocol or application class is.
  private static final int WORD = 17;

  /// How far an address of the other family is.
  private static final int FAMILY = 129;

  public Mismatch {
    Objects.requireNonNull(field, "field");
    Objects.requireNonNull(flowValue, "flowValue");
    Objects.requireNonNull(ruleValue, "ruleValue");
  }

  /// All conditions of the rules that the flow does not fit, in the order of the fields; none if it
  /// fits.
  static List<Mismatch> between(FlowKey flow, MatchRules rules) {
    List<Mismatch> found = new ArrayList<>();
    if (!MatchRules.fits(rules.src(), flow.srcHigh(), flow.srcLow())) {
      found.add(address(RuleField.SRC_IP, flow.src(), rules.src().orElseThrow()));
    }
    if (!MatchRules.fits(rules.dst(), flow.dstHigh(), flow.dstLow())) {
      found.add(address(RuleField.DST_IP, flow.dst(), rules.dst().orElseThrow()));
    }
    if (!MatchRules.fits(rules.srcPort(), flow.srcPort())) {
      found.add(number(RuleField.SRC_PORT, flow.srcPort(), rules.srcPort().getAsInt()));
    }
    rules
        .dstPorts()
        .filter(ports -> !ports.contains(flow.dstPort()))
        .ifPresent(ports -> found.add(ports(flow.dstPort(), ports)));
    if (!MatchRules.fits(rules.protocol(), flow.protocol())) {
      found.add(protocol(flow.protocol(), rules.protocol().getAsInt()));
    }
    rules
        .application()
        .filter(wanted -> wanted != ApplicationClass.of(flow))
        .ifPresent(wanted -> found.add(application(ApplicationClass.of(flow), wanted)));
    return List.copyOf(found);
  }

  /// How far the rules are from fitting: the sum over all conditions that the flow does not fit. An
  /// address is as far as the bits by which its block would have to be widened, a port as the bits
  /// of its distance to the range, a protocol or application class a little farther than the
  /// farthest port.
  static int distance(FlowKey flow, MatchRules rules) {
    int distance = 0;
    if (!MatchRules.fits(rules.src(), flow.srcHigh(), flow.srcLow())) {
      distance += bits(flow.src(), rules.src().orElseThrow());
    }
    if (!MatchRules.fits(rules.dst(), flow.dstHigh(), flow.dstLow())) {
      distance += bits(flow.dst(), rules.dst().orElseThrow());
    }
    if (rules.srcPort().isPresent()) {
      distance += bits(Math.abs(rules.srcPort().getAsInt() - flow.srcPort()));
    }
    distance += rules.dstPorts().map(ports -> bits(gap(flow.dstPort(), ports))).orElse(0);
    distance += MatchRules.fits(rules.protocol(), flow.protocol()) ? 0 : WORD;
    boolean other =
        rules.application().filter(wanted -> wanted != ApplicationClass.of(flow)).isPresent();
    return distance + (other ? WORD : 0);
  }

  /// How many bits of a block's prefix do not fit the address; all where the families differ.
  private static int bits(IpAddress address, IpPrefix block) {
    if (address.isV4() != block.isV4()) {
      return FAMILY;
    }
    long high = address.high() ^ block.first().high();
    long low = address.low() ^ block.first().low();
    int shared =
        high == 0 ? Long.SIZE + Long.numberOfLeadingZeros(low) : Long.numberOfLeadingZeros(high);
    return Math.max(0, block.bits() - shared);
  }

  private static int gap(int port, PortRange range) {
    return Math.max(0, Math.max(range.low() - port, port - range.high()));
  }

  private static int bits(int number) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(number);
  }

  private static Mismatch address(RuleField field, IpAddress address, IpPrefix block) {
    boolean single = block.bits() == 128;
    String wanted = single ? block.first().toString() : block.toString();
    return new Mismatch(field, address.toString(), wanted);
  }

  private static Mismatch number(RuleField field, int value, int wanted) {
    return new Mismatch(field, String.valueOf(value), String.valueOf(wanted));
  }

  private static Mismatch ports(int port, PortRange wanted) {
    return new Mismatch(RuleField.DST_PORT_RANGE, String.valueOf(port), wanted.toString());
  }

  private static Mismatch protocol(int protocol, int wanted) {
    return new Mismatch(RuleField.PROTOCOL, ProtocolName.of(protocol), ProtocolName.of(wanted));
  }

  private static Mismatch application(ApplicationClass application, ApplicationClass wanted) {
    return new Mismatch(RuleField.APPLICATION_CLASS, application.toString(), wanted.toString());
  }

  /// Why the flow does not fit, in words: `dst_port 8443 is outside 80-443`.
  public String reason() {
    return switch (field) {
      case SRC_IP, DST_IP ->
          field + " " + flowValue + (isBlock() ? " is not in " : " is not ") + ruleValue;
      case DST_PORT_RANGE ->
          "dst_port " + flowValue + (isRange() ? " is outside " : " is not ") + ruleValue;
      case SRC_PORT, PROTOCOL, APPLICATION_CLASS ->
          field + " is " + flowValue + ", not " + ruleValue;
    };
  }

  /// What would have to be true of the policy, in words: `its port range reached 8443`.
  public String remedy() {
    return switch (field) {
      case SRC_IP -> "its source addresses included " + flowValue;
      case DST_IP -> "its destination addresses included " + flowValue;
      case SRC_PORT -> "its rule had the source port " + flowValue;
      case DST_PORT_RANGE -> "its port range reached " + flowValue;
      case PROTOCOL -> "its rule had the protocol " + flowValue;
      case APPLICATION_CLASS -> "its rule had the application class " + flowValue;
    };
  }

  private boolean isBlock() {
    return ruleValue.indexOf('/') >= 0;
  }

  private boolean isRange() {
    return ruleValue.indexOf('-') >= 0;
  }
}
