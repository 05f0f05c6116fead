package dev.patronus.policy.rule;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// The conditions of a policy; a flow must fit each that is set.
///
/// Immutable. An IPv4 block fits IPv4 flows alone and an IPv6 block IPv6 flows alone: `::/0` is
/// every IPv6 address and no IPv4 one.
///
/// @param protocol the IP protocol number
public record MatchRules(
    Optional<IpPrefix> src,
    Optional<IpPrefix> dst,
    OptionalInt srcPort,
    Optional<PortRange> dstPorts,
    OptionalInt protocol,
    Optional<ApplicationClass> application)
    implements Rules {

  /// Takes every flow.
  public static final MatchRules ALL =
      new MatchRules(
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty());

  public MatchRules {
    Objects.requireNonNull(src, "src");
    Objects.requireNonNull(dst, "dst");
    Objects.requireNonNull(dstPorts, "dstPorts");
    Objects.requireNonNull(application, "application");
    check("source port", srcPort, PortRange.PORT_MAX);
    check("protocol", protocol, 255);
  }

  private static void check(String name, OptionalInt value, int most) {
    if (value.isPresent() && (value.getAsInt() < 0 || value.getAsInt() > most)) {
      throw new IllegalArgumentException(
          name + " must be 0.." + most + ", was " + value.getAsInt());
    }
  }

  /// The plain reading of the rules, one condition after the other.
  /// [Matcher][dev.patronus.policy.match.Matcher] gives the same answers faster.
  @Override
  public boolean matches(FlowKey flow) {
    return fits(src, flow.srcHigh(), flow.srcLow())
        && fits(dst, flow.dstHigh(), flow.dstLow())
        && fits(srcPort, flow.srcPort())
        && (dstPorts.isEmpty() || dstPorts.get().contains(flow.dstPort()))
        && fits(protocol, flow.protocol())
        && (application.isEmpty() || application.get() == ApplicationClass.of(flow));
  }

  public static boolean fits(Optional<IpPrefix> block, long high, long low) {
    return block.isEmpty()
        || (block.get().contains(high, low) && block.get().isV4() == IpAddress.isV4(high, low));
  }

  public static boolean fits(OptionalInt wanted, int value) {
    return wanted.isEmpty() || wanted.getAsInt() == value;
  }

  /// Why no flow can ever fit, in words; empty if one can.
  public Optional<String> contradiction() {
    if (src.isPresent() && dst.isPresent() && src.get().isV4() != dst.get().isV4()) {
      return Optional.of("its source and destination are not of the same address family");
    }
    return application
        .filter(wanted -> !hasTrafficOf(wanted))
        .map(
            wanted -> "no traffic of its protocol and ports is of the application class " + wanted);
  }

  private boolean hasTrafficOf(ApplicationClass wanted) {
    return protocol.isPresent()
        ? hasPortOf(wanted, protocol.getAsInt())
        : hasPortOf(wanted, FlowKey.TCP)
            || hasPortOf(wanted, FlowKey.UDP)
            || wanted == ApplicationClass.OTHER;
  }

  private boolean hasPortOf(ApplicationClass wanted, int ofProtocol) {
    PortRange ports = dstPorts.orElse(PortRange.ALL);
    return IntStream.rangeClosed(ports.low(), ports.high())
        .anyMatch(port -> ApplicationClass.of(ofProtocol, port) == wanted);
  }

  /// The conditions in words: `udp from 10.0.0.0/8 to port 5060-5061`; `all traffic` if none is
  /// set.
  public String describe() {
    return RulesText.of(this);
  }
}
