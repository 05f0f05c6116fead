package dev.patronus.policy;

import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.policy.rule.ApplicationClass;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.PortRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// Finds policies that take no flow because one policy that is asked before takes all that they
/// match.
///
/// Pure. Several policies that take it together are not looked for. A policy is compared with those
/// alone whose address blocks contain its own, and of these by a search among port ranges, so that
/// ten thousand policies cost little more than ten thousand times one.
public final class Shadowing {
  private static final int V4_BITS = 96;
  private static final List<Optional<IpPrefix>> NONE = List.of();

  /// The other conditions, but for the destination ports.
  private record Marks(
      OptionalInt srcPort, OptionalInt protocol, Optional<ApplicationClass> application) {}

  /// The policies that were asked, by their source, destination (a missing one takes every address)
  /// and other conditions.
  private final Map<Optional<IpPrefix>, Map<Optional<IpPrefix>, Map<Marks, PortRanges>>> asked =
      new HashMap<>();

  /// Policies that differ in their destination ports alone, without those that others of them
  /// cover: by the first port of their range; their last ports rise, too.
  private static final class PortRanges {
    private final TreeMap<Integer, Policy> byFirst = new TreeMap<>();

    void add(Policy policy, PortRange ports) {
      byFirst.put(ports.low(), policy);
      Map.Entry<Integer, Policy> next = byFirst.higherEntry(ports.low());
      while (next != null && ports(next.getValue()).high() <= ports.high()) {
        byFirst.remove(next.getKey());
        next = byFirst.higherEntry(ports.low());
      }
    }

    Optional<Policy> covering(PortRange ports) {
      return Optional.ofNullable(byFirst.floorEntry(ports.low()))
          .map(Map.Entry::getValue)
          .filter(policy -> ports(policy).high() >= ports.high());
    }
  }

  private Shadowing() {}

  /// The policies that never take a flow, by id, each with the one that takes all before it.
  /// Disabled and unreadable ones neither take anything nor are given.
  ///
  /// @param policies all of them, in any order
  public static Map<Long, Policy> of(Collection<Policy> policies) {
    Shadowing shadowing = new Shadowing();
    Map<Long, Policy> found = new HashMap<>();
    for (Policy policy : policies.stream().sorted(Policy.ORDER).toList()) {
      if (policy.enabled() && policy.rules() instanceof MatchRules rules) {
        Optional<Policy> cover = shadowing.cover(rules);
        if (cover.isPresent()) {
          found.put(policy.id(), cover.get());
        } else {
          shadowing.add(policy, rules);
        }
      }
    }
    return found;
  }

  private void add(Policy policy, MatchRules rules) {
    asked
        .computeIfAbsent(rules.src(), _ -> new HashMap<>())
        .computeIfAbsent(rules.dst(), _ -> new HashMap<>())
        .computeIfAbsent(marks(rules), _ -> new PortRanges())
        .add(policy, ports(rules));
  }

  private static Marks marks(MatchRules rules) {
    return new Marks(rules.srcPort(), rules.protocol(), rules.application());
  }

  private static PortRange ports(MatchRules rules) {
    return rules.dstPorts().orElse(PortRange.ALL);
  }

  private static PortRange ports(Policy policy) {
    return policy.rules() instanceof MatchRules rules ? ports(rules) : PortRange.ALL;
  }

  /// The first that was asked before and takes all that these rules match.
  private Optional<Policy> cover(MatchRules rules) {
    List<Marks> wider = wider(rules);
    List<Optional<IpPrefix>> destinations = containing(rules.dst());
    List<Policy> covering = new ArrayList<>();
    for (Optional<IpPrefix> src : containing(rules.src())) {
      var bySource = asked.getOrDefault(src, Map.of());
      for (Optional<IpPrefix> dst : bySource.isEmpty() ? NONE : destinations) {
        var there = bySource.getOrDefault(dst, Map.of());
        for (Marks marks : there.isEmpty() ? List.<Marks>of() : wider) {
          Optional.ofNullable(there.get(marks))
              .flatMap(ranges -> ranges.covering(ports(rules)))
              .ifPresent(covering::add);
        }
      }
    }
    return covering.stream().min(Policy.ORDER);
  }

  /// The conditions that whatever fits these rules fits, too. A single port of a protocol has one
  /// application class.
  private static List<Marks> wider(MatchRules rules) {
    List<Marks> wider = new ArrayList<>();
    List<Optional<ApplicationClass>> applications = new ArrayList<>(List.of(Optional.empty()));
    rules
        .application()
        .or(() -> implied(rules))
        .ifPresent(one -> applications.add(Optional.of(one)));
    for (OptionalInt srcPort : orNone(rules.srcPort())) {
      for (OptionalInt protocol : orNone(rules.protocol())) {
        for (Optional<ApplicationClass> application : applications) {
          wider.add(new Marks(srcPort, protocol, application));
        }
      }
    }
    return wider;
  }

  private static Optional<ApplicationClass> implied(MatchRules rules) {
    PortRange ports = ports(rules);
    return rules.protocol().isPresent() && ports.low() == ports.high()
        ? Optional.of(ApplicationClass.of(rules.protocol().getAsInt(), ports.low()))
        : Optional.empty();
  }

  private static List<OptionalInt> orNone(OptionalInt value) {
    return value.isPresent() ? List.of(value, OptionalInt.empty()) : List.of(value);
  }

  /// The blocks that contain a block: itself, each shorter one of its family, and every address.
  private static List<Optional<IpPrefix>> containing(Optional<IpPrefix> block) {
    List<Optional<IpPrefix>> containing = new ArrayList<>(List.of(Optional.empty()));
    if (block.isPresent()) {
      IpAddress first = block.get().first();
      int least = block.get().isV4() ? V4_BITS : 0;
      for (int bits = least; bits <= block.get().bits(); bits++) {
        containing.add(Optional.of(new IpPrefix(first, bits)));
      }
    }
    return containing;
  }
}
