package dev.patronus.route;

import static dev.patronus.policy.rule.PathPreference.Single.HIGHEST_BANDWIDTH;
import static dev.patronus.policy.rule.PathPreference.Single.LOWEST_COST;
import static dev.patronus.policy.rule.PathPreference.Single.LOWEST_LATENCY;
import static dev.patronus.policy.rule.PathPreference.Single.LOWEST_PACKET_LOSS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.PathPreference.Custom;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoringTest {
  private static final OptionalDouble UNKNOWN = OptionalDouble.empty();

  @ParameterizedTest
  @CsvSource({
    "0, 100",
    "20, 90",
    "100, 50",
    "200, 0",
    "200.1, 0",
    "1e9, 0",
    "-5, 100",
    "NaN, 0",
    "Infinity, 0",
    "-Infinity, 100",
  })
  void latency_scores_100_at_nothing_and_0_from_200_ms_on(double ms, double score) {
    assertEquals(score, score(LOWEST_LATENCY, Paths.latency(1, ms)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 0.1",
    "500, 50",
    "1000, 100",
    "40000, 100",
    "-1, 0",
    "NaN, 0",
    "Infinity, 100",
  })
  void bandwidth_scores_100_from_a_gigabit_on(double mbps, double score) {
    assertEquals(score, score(HIGHEST_BANDWIDTH, Paths.metrics(1, 0, 0, 0, mbps)));
  }

  @ParameterizedTest
  @CsvSource({"0, 100", "0.5, 99.5", "100, 0", "101, 0", "-3, 100", "NaN, 0", "Infinity, 0"})
  void loss_scores_what_is_left(double percent, double score) {
    assertEquals(score, score(LOWEST_PACKET_LOSS, Paths.metrics(1, 0, 0, percent, 0)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 100",
    "0.1, 50",
    "0.2, 0",
    "7, 0",
    "-1, 100",
    "NaN, 50",
    "Infinity, 0",
    "0.05, 75",
  })
  void cost_scores_100_where_a_gigabyte_is_free_and_50_where_it_is_no_number(
      double cost, double score) {
    PathMetrics any = Paths.latency(1, 10);
    assertEquals(score, score(LOWEST_COST, any, OptionalDouble.of(cost)));
  }

  @Test
  void an_unknown_cost_scores_50() {
    assertEquals(50, score(LOWEST_COST, Paths.latency(1, 10)));
  }

  @ParameterizedTest
  @CsvSource({"0, 100", "10, 80", "50, 0", "60, 0", "-1, 100", "NaN, 0"})
  void jitter_counts_in_custom_weights_only(double ms, double score) {
    assertEquals(score, score(new Custom(0, 1, 0, 0, 0), Paths.metrics(1, 0, ms, 0, 0)));
  }

  @Test
  void custom_weights_that_add_up_to_one_give_the_weighted_sum() {
    PathMetrics metrics = Paths.metrics(1, 20, 5, 1, 400);
    Custom voip = new Custom(0.5, 0.3, 0.2, 0, 0);
    assertEquals(0.5 * 90 + 0.3 * 90 + 0.2 * 99, score(voip, metrics));
    Custom thrifty = new Custom(0.2, 0.1, 0.2, 0, 0.5);
    assertEquals(0.2 * 90 + 0.1 * 90 + 0.2 * 99 + 0.5 * 50, score(thrifty, metrics), 1e-12);
  }

  @Test
  void weights_that_add_up_to_less_are_taken_as_they_are() {
    assertEquals(9, score(new Custom(0.1, 0, 0, 0, 0), Paths.latency(1, 20)));
  }

  @Test
  void weights_that_add_up_to_more_keep_the_order_of_the_plain_sum_and_stay_below_100() {
    Custom heavy = new Custom(3, 2, 2, 1, 2);
    PathMetrics good = Paths.metrics(1, 10, 1, 0, 900);
    PathMetrics better = Paths.metrics(2, 9, 1, 0, 900);
    assertTrue(score(heavy, better) > score(heavy, good));
    assertTrue(score(heavy, better) < 100);
  }

  @Test
  void weights_of_zero_score_every_path_zero() {
    assertEquals(0, score(new Custom(0, 0, 0, 0, 0), Paths.latency(1, 0)));
  }

  @Test
  void negative_weights_count_against_a_path_and_never_lead_below_zero() {
    Custom slowLovers = new Custom(-0.5, 0, 0.5, 0, 0);
    assertEquals(0, score(slowLovers, Paths.metrics(1, 0, 0, 50, 0)));
    assertEquals(25, score(slowLovers, Paths.metrics(1, 100, 0, 0, 0)));
  }

  @Test
  void whatever_is_stored_the_score_is_a_number_from_0_to_100() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      PathMetrics metrics = Paths.metrics(1, any(random), any(random), any(random), any(random));
      OptionalDouble cost = random.nextInt(5) == 0 ? UNKNOWN : OptionalDouble.of(any(random));
      double score = score(preference(random), metrics, cost);
      assertTrue(score >= 0 && score <= 100, "seed " + seed + ": " + score + " of " + metrics);
    }
  }

  private static PathPreference preference(Random random) {
    List<PathPreference.Single> singles = List.of(PathPreference.Single.values());
    return random.nextBoolean()
        ? singles.get(random.nextInt(singles.size()))
        : new Custom(
            weight(random), weight(random), weight(random), weight(random), weight(random));
  }

  private static double weight(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> Double.MAX_VALUE;
      case 2 -> -random.nextDouble();
      default -> random.nextDouble() * 3;
    };
  }

  private static double any(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> Double.NaN;
      case 1 -> Double.POSITIVE_INFINITY;
      case 2 -> Double.NEGATIVE_INFINITY;
      case 3 -> Double.longBitsToDouble(random.nextLong());
      case 4 -> -0.0;
      default -> random.nextDouble() * 300 - 50;
    };
  }

  @Test
  void the_parts_say_what_was_looked_at_and_what_each_is_worth() {
    PathMetrics metrics = Paths.metrics(1, 20, 5, 1, 400);
    assertEquals(
        List.of(new ScoreComponent(Metric.LATENCY, OptionalDouble.of(20), 90, 1)),
        Scoring.parts(LOWEST_LATENCY, metrics, UNKNOWN));
    assertEquals(
        List.of(
            new ScoreComponent(Metric.JITTER, OptionalDouble.of(5), 90, 0.4),
            new ScoreComponent(Metric.COST, OptionalDouble.empty(), 50, 0.6)),
        Scoring.parts(new Custom(0, 0.4, 0, 0, 0.6), metrics, UNKNOWN));
  }

  private static double score(PathPreference preference, PathMetrics metrics) {
    return score(preference, metrics, UNKNOWN);
  }

  private static double score(PathPreference preference, PathMetrics metrics, OptionalDouble cost) {
    return Scoring.score(preference, Scoring.points(preference, metrics, cost));
  }
}
