package dev.patronus.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.policy.Verdict.Outcome;
import dev.patronus.policy.match.Matcher;
import dev.patronus.policy.rule.ApplicationClass;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private static final FlowKey FLOW =
      FlowKey.of(
          IpAddress.parse("10.0.0.7"), 40000, IpAddress.parse("192.0.2.1"), 8443, FlowKey.TCP);

  private static Policy policy(String name, long priority, String rules) {
    return new Policy(
        name.hashCode(),
        name,
        priority,
        !name.equals("off"),
        Rules.read(rules),
        PathPreference.Single.LOWEST_LATENCY);
  }

  private static final List<Policy> POLICIES =
      List.of(
          policy("rest", 0, "{}"),
          policy("bulk", 90, "{\"dst_port_range\":[80,443]}"),
          policy(
              "voice",
              95,
              "{\"protocol\":17,\"application_class\":\"VoIP\",\"src_ip\":\"10.1.0.0/16\"}"),
          policy("off", 80, "{}"),
          policy("odd", 70, "{\"src_port\":-1}"),
          policy("web", 50, "{\"application_class\":\"Web\"}"),
          policy("host", 60, "{\"dst_ip\":\"192.0.2.9\",\"src_port\":53}"),
          policy("late", 10, "{\"dst_port_range\":[22,22]}"));

  @Test
  void of_policies_that_need_as_many_changes_the_nearest_come_first() {
    List<Policy> policies = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      policies.add(policy("far-" + i, 100 + i, "{\"src_ip\":\"172.16." + i + ".0/24\"}"));
    }
    policies.add(policy("port", 70, "{\"dst_port_range\":[8440,8442]}"));
    policies.add(policy("near", 60, "{\"src_ip\":\"10.0.0.8/29\"}"));
    policies.add(policy("other", 50, "{\"protocol\":17}"));
    assertEquals(
        List.of("port", "near", "other"),
        Explanation.of(FLOW, policies).nearest(3).stream()
            .map(verdict -> verdict.policy().name())
            .toList());
  }

  @Test
  void every_policy_before_the_taker_says_what_did_not_fit() {
    Explanation explanation = Explanation.of(FLOW, POLICIES);
    assertEquals("web", explanation.taker().orElseThrow().name());
    assertEquals(ApplicationClass.WEB, explanation.application());
    assertEquals(
        """
        voice: src_ip 10.0.0.7 is not in 10.1.0.0/16; protocol is tcp, not udp; \
        application_class is Web, not VoIP
        bulk: dst_port 8443 is outside 80-443
        off: is disabled
        odd: cannot be read: src_port: must be a port from 0 to 65535, is -1
        host: dst_ip 192.0.2.1 is not 192.0.2.9; src_port is 40000, not 53
        """,
        lines(explanation.before()));
  }

  private static String lines(List<Verdict> verdicts) {
    StringBuilder lines = new StringBuilder();
    verdicts.forEach(v -> lines.append(v.policy().name() + ": " + v.reason() + "\n"));
    return lines.toString();
  }

  @Test
  void policies_after_the_taker_say_whether_they_would_fit() {
    List<Verdict> verdicts = Explanation.of(FLOW, POLICIES).verdicts();
    assertEquals(Outcome.TAKES, verdicts.get(5).outcome());
    assertEquals("dst_port 8443 is not 22", verdicts.get(6).reason());
    assertEquals(Outcome.LATER, verdicts.get(7).outcome());
    assertEquals("would fit, but is asked later", verdicts.get(7).reason());
  }

  @Test
  void the_nearest_changes_come_first() {
    List<String> changes =
        Explanation.of(FLOW, POLICIES).nearest(5).stream().map(Verdict::change).toList();
    assertEquals(
        List.of(
            "policy 'off' would take it if it were enabled",
            "policy 'rest' would take it if its priority were above 50 ('web')",
            "policy 'bulk' would take it if its port range reached 8443",
            "policy 'late' would take it if its port range reached 8443"
                + " and its priority were above 50 ('web')",
            "policy 'host' would take it if its destination addresses included 192.0.2.1"
                + " and its rule had the source port 40000"),
        changes);
  }

  @Test
  void a_change_that_is_named_is_enough() {
    Policy widened = policy("bulk", 90, "{\"dst_port_range\":[80,8443]}");
    List<Policy> changed =
        POLICIES.stream().map(p -> p.name().equals("bulk") ? widened : p).toList();
    assertEquals(widened, Explanation.of(FLOW, changed).taker().orElseThrow());
  }

  @Test
  void a_flow_that_nobody_takes_has_no_taker() {
    Explanation explanation = Explanation.of(FLOW, POLICIES.subList(1, 3));
    assertEquals(true, explanation.taker().isEmpty());
    assertEquals(2, explanation.before().size());
  }

  /// Random policies and flows; each sentence is read as an admin would read it, the rule is
  /// changed by its words alone, and then the policy has to take the flow, by the plain reading and
  /// by the compiled one.
  @Test
  void whatever_change_is_named_makes_the_policy_take_the_flow() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int changes = 0;
    for (int round = 0; round < 300; round++) {
      RandomRules rules = new RandomRules(random, random.nextInt(11));
      List<Policy> policies = rules.policies(1 + random.nextInt(12));
      for (int i = 0; i < 10; i++) {
        FlowKey flow = rules.flow();
        for (Verdict verdict : Explanation.of(flow, policies).verdicts()) {
          if (!verdict.change().isEmpty()) {
            Policy changed = AdvisedChange.of(verdict.change()).applyTo(verdict.policy());
            List<Policy> all =
                policies.stream().map(p -> p.id() == verdict.policy().id() ? changed : p).toList();
            Supplier<String> what =
                () -> "seed " + seed + ", " + flow + ": " + verdict.change() + " in " + policies;
            assertSame(changed, Explanation.of(flow, all).taker().orElse(null), what);
            assertSame(changed, Matcher.compile(all).policyFor(flow).orElse(null), what);
            changes++;
          }
        }
      }
    }
    assertTrue(changes > 1_000, changes + " changes are few");
  }

  @Test
  void who_takes_the_flow_already_or_cannot_be_read_is_told_no_change() {
    for (Verdict verdict : Explanation.of(FLOW, POLICIES).verdicts()) {
      boolean silent =
          verdict.outcome() == Outcome.TAKES || verdict.outcome() == Outcome.UNREADABLE;
      assertEquals(silent, verdict.change().isEmpty(), verdict::toString);
    }
  }
}
