package dev.patronus.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.UserError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StepTest {
  @ParameterizedTest
  @CsvSource({
    "60s, 1m",
    "90m, 1h30m",
    "24h, 1d",
    "7d, 1w",
    "14d, 2w",
    "1mo, 1mo",
    "12mo, 12mo",
    "30d, 30d"
  })
  void a_step_is_read_and_written(String text, String canonical) {
    Step step = Step.parse(text);
    assertEquals(canonical, step.toString());
    assertEquals(step, Step.parse(step.toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0s", "7m", "36h", "500ms", "400d", "5mo", "0mo", "-1mo", "xmo", "mo", "5", ""})
  void a_step_that_would_drift_against_the_clock_is_refused(String text) {
    String message = assertThrows(UserError.class, () -> Step.parse(text)).getMessage();
    assertTrue(message.contains("'" + text + "'"), message);
  }
}
