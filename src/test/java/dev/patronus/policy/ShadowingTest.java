package dev.patronus.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.policy.rule.ApplicationClass;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.PortRange;
import dev.patronus.policy.rule.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ShadowingTest {
  private long id;

  private Policy policy(String name, long priority, String rules) {
    return new Policy(
        ++id, name, priority, true, Rules.read(rules), PathPreference.Single.LOWEST_LATENCY);
  }

  private static Map<String, String> shadows(List<Policy> policies) {
    Map<Long, String> names = policies.stream().collect(Collectors.toMap(Policy::id, Policy::name));
    return Shadowing.of(policies).entrySet().stream()
        .collect(Collectors.toMap(e -> names.get(e.getKey()), e -> e.getValue().name()));
  }

  @Test
  void a_policy_below_one_that_takes_more_never_matches() {
    assertEquals(
        Map.of("branch", "offices", "rest", "default"),
        shadows(
            List.of(
                policy("offices", 90, "{\"src_ip\":\"10.0.0.0/8\"}"),
                policy("branch", 80, "{\"src_ip\":\"10.7.0.0/16\",\"dst_port_range\":[80,90]}"),
                policy("lab", 70, "{\"src_ip\":\"172.16.0.0/12\"}"),
                policy("v6", 60, "{\"src_ip\":\"::/0\"}"),
                policy("default", 10, "{}"),
                policy("rest", 0, "{\"protocol\":6}"))));
  }

  @Test
  void ports_protocols_and_classes_must_all_be_covered() {
    assertEquals(
        Map.of("https", "web", "sip", "voip", "narrow", "ports"),
        shadows(
            List.of(
                policy("web", 90, "{\"application_class\":\"Web\"}"),
                policy("https", 80, "{\"protocol\":6,\"dst_port_range\":[443,443]}"),
                policy("https-range", 79, "{\"protocol\":6,\"dst_port_range\":[443,444]}"),
                policy("voip", 70, "{\"protocol\":17,\"application_class\":\"VoIP\"}"),
                policy("sip", 60, "{\"protocol\":17,\"dst_port_range\":[5060,5060]}"),
                policy("sip-tcp", 59, "{\"protocol\":6,\"dst_port_range\":[5060,5060]}"),
                policy("ports", 50, "{\"dst_port_range\":[1000,2000]}"),
                policy("narrow", 40, "{\"dst_port_range\":[1500,1600],\"src_port\":5}"),
                policy("wide", 30, "{\"dst_port_range\":[1500,2001]}"))));
  }

  @Test
  void disabled_and_unreadable_policies_shadow_nothing() {
    Policy off =
        new Policy(99, "off", 100, false, MatchRules.ALL, PathPreference.Single.LOWEST_LATENCY);
    assertEquals(
        Map.of(),
        shadows(List.of(off, policy("odd", 90, "{\"src_port\":-1}"), policy("rest", 0, "{}"))));
  }

  /// Nothing that is said to be shadowed ever takes a flow, and what the plain comparison of all
  /// pairs finds is found.
  @Test
  void it_finds_what_comparing_all_pairs_finds() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      RandomRules rules = new RandomRules(random, 2 + random.nextInt(6));
      List<Policy> policies = rules.policies(60);
      Map<Long, Policy> found = Shadowing.of(policies);
      assertEquals(model(policies), found.keySet().stream().sorted().toList(), "seed " + seed);
      for (int i = 0; i < 200; i++) {
        FlowKey flow = rules.flow();
        Explanation.of(flow, policies)
            .taker()
            .ifPresent(taker -> assertTrue(!found.containsKey(taker.id()), "seed " + seed));
      }
      found.forEach((shadowed, _) -> assertTrue(find(policies, shadowed).enabled()));
    }
  }

  private static Policy find(List<Policy> policies, long id) {
    return policies.stream().filter(policy -> policy.id() == id).findFirst().orElseThrow();
  }

  private static List<Long> model(List<Policy> policies) {
    List<Policy> asked =
        policies.stream().filter(Policy::isEffective).sorted(Policy.ORDER).toList();
    List<Long> shadowed = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      MatchRules rules = (MatchRules) asked.get(i).rules();
      if (asked.subList(0, i).stream().anyMatch(p -> covers((MatchRules) p.rules(), rules))) {
        shadowed.add(asked.get(i).id());
      }
    }
    return shadowed.stream().sorted().toList();
  }

  private static boolean covers(MatchRules a, MatchRules b) {
    PortRange aPorts = a.dstPorts().orElse(PortRange.ALL);
    PortRange bPorts = b.dstPorts().orElse(PortRange.ALL);
    boolean single = b.protocol().isPresent() && bPorts.low() == bPorts.high();
    boolean applicationFits =
        a.application().isEmpty()
            || (b.application().isPresent()
                ? a.application().equals(b.application())
                : single
                    && a.application().get()
                        == ApplicationClass.of(b.protocol().getAsInt(), bPorts.low()));
    return blockFits(a, b)
        && (a.srcPort().isEmpty() || a.srcPort().equals(b.srcPort()))
        && (a.protocol().isEmpty() || a.protocol().equals(b.protocol()))
        && aPorts.low() <= bPorts.low()
        && bPorts.high() <= aPorts.high()
        && applicationFits;
  }

  private static boolean blockFits(MatchRules a, MatchRules b) {
    boolean src =
        a.src().isEmpty()
            || b.src()
                .filter(block ->
                    block.isV4() == a.src().get().isV4()
                        && a.src().get().contains(block.first())
                        && block.bits() >= a.src().get().bits())
                .isPresent();
    boolean dst =
        a.dst().isEmpty()
            || b.dst()
                .filter(block ->
                    block.isV4() == a.dst().get().isV4()
                        && a.dst().get().contains(block.first())
                        && block.bits() >= a.dst().get().bits())
                .isPresent();
    return src && dst;
  }

  /// 400 random rules, a third of which contradict themselves, against flows that lie close to
  /// them.
  @Test
  void no_flow_fits_conditions_that_exclude_each_other() {
    RandomRules random = new RandomRules(new Random(11), 7);
    int contradictions = 0;
    for (int i = 0; i < 400; i++) {
      MatchRules rules = random.rules();
      if (rules.contradiction().isPresent()) {
        contradictions++;
        for (int j = 0; j < 500; j++) {
          FlowKey flow = random.flow();
          boolean oneFamily =
              IpAddress.isV4(flow.srcHigh(), flow.srcLow())
                  == IpAddress.isV4(flow.dstHigh(), flow.dstLow());
          assertTrue(!oneFamily || !rules.matches(flow), rules::describe);
        }
      }
    }
    assertTrue(contradictions > 40, "found " + contradictions);
  }
}
