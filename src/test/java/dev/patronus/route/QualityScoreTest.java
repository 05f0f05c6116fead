package dev.patronus.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QualityScoreTest {

  /// The expected scores are computed by hand from the platform's thresholds and weights.
  @ParameterizedTest
  @CsvSource({
    "10, 1, 0, 100",
    "49.9, 4.9, 0.09, 100",
    // 40 % of the points of latency: 100, 75, 50+, 0
    "50, 0, 0, 100",
    "125, 0, 0, 90",
    "199.99, 0, 0, 80",
    "200, 0, 0, 60",
    // 30 % of those of jitter
    "10, 27.5, 0, 93",
    "10, 50, 0, 70",
    // 30 % of those of loss, which fall from 100 at 0 %
    "10, 0, 5, 93",
    "10, 0, 0.4, 99",
    "10, 0, 9.99, 85",
    "10, 0, 10, 70",
    "500, 90, 100, 0"
  })
  void a_measurement_has_the_score_that_the_platform_gives_it(
      double latency, double jitter, double loss, int score) {
    assertEquals(score, QualityScore.of(latency, jitter, loss));
  }
}
