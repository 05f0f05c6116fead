package dev.patronus.policy.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.policy.Policy;
import dev.patronus.policy.match.Matcher;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class RulesFuzzTest {
  private static final List<FlowKey> FLOWS =
      List.of(
          FlowKey.of(IpAddress.parse("10.0.0.1"), 40000, IpAddress.parse("10.9.0.2"), 443, 6),
          FlowKey.of(IpAddress.parse("2001:db8::1"), 5060, IpAddress.parse("::1"), 5061, 17),
          FlowKey.of(IpAddress.parse("0.0.0.0"), 0, IpAddress.parse("255.255.255.255"), 0, 1));

  static Stream<byte[]> seeds() {
    return Stream.of(
            "{\"src_ip\":\"10.0.0.0/8\",\"dst_ip\":\"::/0\",\"src_port\":5060,"
                + "\"dst_port_range\":[5060,5061],\"protocol\":17,\"application_class\":\"VoIP\"}",
            "{\"src_ip\":\"2001:db8::/32\",\"protocol\":null}",
            "{}",
            "\"LowestLatency\"",
            "{\"Custom\":{\"latency_weight\":0.4,\"jitter_weight\":0.1,\"loss_weight\":0.3,"
                + "\"bandwidth_weight\":0.1,\"cost_weight\":1e-3}}")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_text_is_rules_or_a_preference_or_says_what_is_wrong(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    switch (Rules.read(text)) {
      case Invalid invalid -> assertEquals(1, invalid.message().lines().count());
      case MatchRules rules -> matchAlike(rules);
    }
    if (Preference.read(text) instanceof Invalid invalid) {
      assertEquals(1, invalid.message().lines().count());
    }
  }

  private static void matchAlike(MatchRules rules) {
    assertFalse(rules.describe().isBlank());
    Policy policy = new Policy(1, "any", 0, true, rules, PathPreference.Single.LOWEST_LATENCY);
    Matcher matcher = Matcher.compile(List.of(policy));
    for (FlowKey flow : FLOWS) {
      assertEquals(rules.matches(flow), matcher.policyFor(flow).isPresent(), flow.toString());
    }
  }
}
