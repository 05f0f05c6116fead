package dev.patronus.alert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.alert.Subject.PathMeasure;
import dev.patronus.policy.TrafficLimit.Measure;
import dev.patronus.policy.TrafficLimit.Relation;
import java.time.Duration;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleParserTest {
  private static AlertRule rule(String what) {
    return AlertRule.parse("x: " + what);
  }

  private static double bound(String what) {
    return ((Bound.Fixed) rule(what).bound()).value();
  }

  @Test
  void the_bandwidth_of_a_path_is_in_megabits_with_a_unit_or_without() {
    assertEquals(new Bound.Fixed(100), rule("path 7 bandwidth < 100").bound());
    assertEquals(new Bound.Fixed(100), rule("path 7 bandwidth < 100Mbit/s").bound());
    assertEquals(new Bound.Fixed(1_000), rule("path 7 bandwidth < 1Gbit/s").bound());
  }

  @Test
  void a_rule_has_a_name_a_subject_a_limit_and_a_time() {
    AlertRule rule = AlertRule.parse("busy: policy voice byte-rate > 10M for 5m");
    assertEquals("busy", rule.name());
    assertEquals(new Subject.Traffic("voice", Measure.BYTE_RATE), rule.subject());
    assertEquals(Relation.MORE, rule.relation());
    assertEquals(new Bound.Fixed(10e6), rule.bound());
    assertEquals(Duration.ofMinutes(5), rule.hold());
    assertEquals("policy voice byte-rate > 10M for 5m", rule.text());
  }

  @Test
  void blanks_around_signs_are_optional_and_names_with_blanks_are_quoted() {
    assertEquals(rule("total flows>=5").subject(), rule("total flows >= 5").subject());
    assertEquals(
        new Subject.Traffic("guest net", Measure.IDLE),
        rule("policy \"guest net\" idle>10m").subject());
  }

  @Test
  void a_blank_may_stand_between_a_number_and_its_unit() {
    assertEquals(50e6 / 8, bound("policy voice bit-rate > 50 Mbit/s for 5m"));
    assertEquals(4e12, bound("policy voice bytes > 4 TB"));
    assertEquals(Duration.ofMinutes(5), rule("policy voice bit-rate > 50 Mbit/s for 5m").hold());
  }

  @Test
  void a_limit_can_be_a_part_of_what_is_usual() {
    assertEquals(new Bound.OfUsual(50), rule("policy backup byte-rate < 50% of usual").bound());
  }

  @Test
  void each_subject_has_its_unit() {
    assertEquals(180, bound("age > 3m"));
    assertEquals(2, bound("path 7 loss > 2%"));
    assertEquals(80.5, bound("path 7 latency > 80.5ms"));
    assertEquals(new Subject.PathValue(7, PathMeasure.AGE), rule("path 7 age > 10m").subject());
    assertEquals(600, bound("site oslo not-seen 10m"));
    assertEquals(10, bound("disk"));
    assertEquals(new Subject.DiskFree(false), rule("disk < 5GB").subject());
    assertEquals(5e9, bound("disk < 5GB"));
    assertEquals(0, bound("drops"));
    assertEquals(100, bound("drops > 100"));
    assertEquals(new Subject.SamplingChanges(), rule("sampling changed").subject());
  }

  @Test
  void an_alert_recovers_a_tenth_inside_its_limit_unless_it_says_where() {
    assertEquals(9e6, rule("total byte-rate > 10M").clearing(), 1e-6);
    assertEquals(11e6, rule("total byte-rate < 10M").clearing(), 1e-6);
    assertEquals(8e6, rule("total byte-rate > 10M clear 8M").clearing());
    assertEquals(1e6, rule("total bit-rate > 10M clear 8M").clearing());
    assertEquals(OptionalDouble.of(60), rule("total byte-rate < 50% of usual clear 60%").clear());
  }

  @Test
  void times_at_the_end_stand_in_any_order() {
    AlertRule rule = rule("disk cooldown 1h for 2m");
    assertEquals(Duration.ofHours(1), rule.cooldown());
    assertEquals(Duration.ofMinutes(2), rule.hold());
    assertEquals(AlertRule.COOLDOWN, rule("disk").cooldown());
  }

  /// The place of each mistake, from 0.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "voice byte-rate > 1 | 0",
        "a b: disk | 0",
        "x: voice byte-rate > 1 | 3",
        "x: policy voice colour > 1 | 16",
        "x: policy voice age > 1m | 16",
        "x: policy voice bytes ! 1 | 22",
        "x: policy voice bytes > 1X | 24",
        "x: policy voice bytes > 50% of usual | 24",
        "x: total byte-rate > 50% of luck | 28",
        "x: path seven loss > 2% | 8",
        "x: path 7 loss > much | 17",
        "x: path 7 hops > 2 | 10",
        "x: site oslo seen 10m | 13",
        "x: site oslo not-seen soon | 22",
        "x: sampling | 11",
        "x: disk < 10% for | 17",
        "x: disk < 10% until 5m | 14",
        "x: total bytes > 5 clear 6 | 25",
        "x: total bytes < 5 clear 4 | 25",
        "x: policy \"voice bytes > 1 | 10",
        "x: | 2",
      })
  void a_mistake_is_refused_with_its_place(String text, int offset) {
    UnreadableRule refused =
        assertThrows(UnreadableRule.class, () -> AlertRule.parse(text), text::toString);
    assertEquals(offset, refused.offset(), refused::getMessage);
    assertTrue(refused.getMessage().length() > 20, refused::getMessage);
  }
}
