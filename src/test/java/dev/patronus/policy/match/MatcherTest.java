package dev.patronus.policy.match;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.policy.Explanation;
import dev.patronus.policy.Policy;
import dev.patronus.policy.RandomRules;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.PathPreference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatcherTest {
  /// The plain reading: ask one after the other.
  private static int linear(List<Policy> ordered, FlowKey flow) {
    for (int i = 0; i < ordered.size(); i++) {
      if (ordered.get(i).enabled() && ordered.get(i).rules().matches(flow)) {
        return i;
      }
    }
    return Matcher.NONE;
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "1, 2", "3, 3", "20, 5", "64, 6", "65, 7", "300, 8", "1025, 9", "2500, 9"})
  void it_agrees_with_a_plain_reading_of_the_rules(int size, int strictness) {
    long seed = Long.getLong("seed", System.nanoTime());
    RandomRules random = new RandomRules(new Random(seed), strictness);
    int[] taken = new int[size + 1];
    for (int round = 0; round < (size > 100 ? 4 : 30); round++) {
      List<Policy> policies = random.policies(size);
      List<Policy> ordered = policies.stream().sorted(Policy.ORDER).toList();
      Matcher matcher = Matcher.compile(policies);
      for (int i = 0; i < 1_000; i++) {
        FlowKey flow = random.flow();
        int expected = linear(ordered, flow);
        taken[expected + 1]++;
        assertEquals(
            expected < 0 ? Optional.empty() : Optional.of(ordered.get(expected)),
            matcher.policyFor(flow),
            () -> "seed " + seed + ", " + flow);
      }
    }
    assertTrue(size == 0 || Arrays.stream(taken).skip(size / 2 + 1).sum() > 0, "seed " + seed);
    assertTrue(taken[0] > 0, "seed " + seed);
  }

  @Test
  void it_agrees_with_the_explanation() {
    long seed = Long.getLong("seed", System.nanoTime());
    RandomRules random = new RandomRules(new Random(seed));
    List<Policy> policies = random.policies(40);
    Matcher matcher = Matcher.compile(policies);
    for (int i = 0; i < 5_000; i++) {
      FlowKey flow = random.flow();
      Explanation explanation = Explanation.of(flow, policies);
      assertEquals(matcher.policyFor(flow), explanation.taker(), () -> seed + " " + flow);
    }
  }

  private static Policy policy(long id, String name, long priority) {
    return new Policy(
        id, name, priority, true, MatchRules.ALL, PathPreference.Single.LOWEST_LATENCY);
  }

  @Test
  void policies_are_asked_by_priority_then_name_then_unsigned_id() {
    List<Policy> policies = new ArrayList<>();
    policies.add(policy(-5, "b", 10));
    policies.add(policy(7, "b", 10));
    policies.add(policy(1, "a", 10));
    policies.add(policy(9, "z", 90));
    policies.add(policy(2, "\uffff", 10));
    policies.add(policy(3, "😀", 10));
    assertEquals(
        List.of(9L, 1L, 7L, -5L, 2L, 3L),
        Matcher.compile(policies).policies().stream().map(Policy::id).toList());
  }

  @Test
  void disabled_and_unreadable_policies_are_not_asked() {
    Policy disabled = new Policy(1, "off", 9, false, MatchRules.ALL, new Invalid("x"));
    Policy unreadable = new Policy(2, "odd", 8, true, new Invalid("x"), new Invalid("x"));
    assertEquals(List.of(), Matcher.compile(List.of(disabled, unreadable)).policies());
  }

  @Test
  void a_policy_with_an_unreadable_preference_still_takes_its_flows() {
    Policy policy = new Policy(1, "odd", 8, true, MatchRules.ALL, new Invalid("x"));
    assertEquals(List.of(policy), Matcher.compile(List.of(policy)).policies());
  }
}
