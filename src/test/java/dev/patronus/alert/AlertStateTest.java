package dev.patronus.alert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.alert.AlertState.Event;
import dev.patronus.alert.AlertState.Phase;
import dev.patronus.alert.AlertState.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AlertStateTest {
  private static final Instant BEGIN = Instant.parse("2026-11-23T14:00:00Z");
  private static final double UNKNOWN = Double.NaN;

  /// A value that is measured at a second.
  private record Sample(long second, double value, boolean silenced) {
    Instant at() {
      return BEGIN.plusSeconds(second);
    }
  }

  private static Evaluation evaluate(AlertRule rule, double value) {
    Measured measured = Double.isNaN(value) ? Measured.unknown("none") : Measured.of(value);
    return rule.evaluate(measured, Measured.unknown(""));
  }

  private static List<String> events(AlertRule rule, List<Sample> samples) {
    List<String> events = new ArrayList<>();
    AlertState state = AlertState.first(BEGIN);
    for (Sample sample : samples) {
      Step step = state.next(rule, evaluate(rule, sample.value()), sample.at(), sample.silenced());
      state = step.state();
      step.event().ifPresent(event -> events.add(sample.second() + " " + event));
    }
    return events;
  }

  private static List<String> eachMinute(String rule, double... values) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      samples.add(new Sample(60L * i, values[i], false));
    }
    return events(AlertRule.parse("x: " + rule), samples);
  }

  @Test
  void an_alert_without_a_time_fires_at_once_and_recovers() {
    assertEquals(
        List.of("60 FIRED", "180 RECOVERED"), eachMinute("total flows > 5", 5, 6, 6, 1, 1));
  }

  @Test
  void an_alert_fires_when_its_time_is_over() {
    assertEquals(List.of("300 FIRED"), eachMinute("total flows > 5 for 2m", 6, 6, 1, 6, 6, 6, 6));
  }

  @Test
  void an_alert_that_fires_lasts_until_the_value_is_well_inside() {
    assertEquals(
        List.of("0 FIRED", "180 RECOVERED"), eachMinute("total flows > 100", 101, 99, 91, 90));
    assertEquals(
        List.of("0 FIRED", "180 RECOVERED"),
        eachMinute("total flows < 100 clear 150", 99, 101, 149, 150));
  }

  @Test
  void an_alert_does_not_fire_again_within_the_cooldown() {
    assertEquals(
        List.of("0 FIRED", "60 RECOVERED", "240 FIRED"),
        eachMinute("total flows > 5 cooldown 4m", 6, 1, 6, 6, 6, 6));
  }

  @Test
  void what_is_not_known_fires_nothing_and_ends_nothing() {
    assertEquals(
        List.of("60 FIRED", "240 RECOVERED"),
        eachMinute("total flows > 5", UNKNOWN, 6, UNKNOWN, UNKNOWN, 1));
  }

  @Test
  void a_silenced_alert_is_announced_when_the_silence_is_over() {
    AlertRule rule = AlertRule.parse("x: total flows > 5");
    assertEquals(
        List.of("120 FIRED"),
        events(
            rule,
            List.of(new Sample(0, 6, true), new Sample(60, 6, true), new Sample(120, 6, false))));
    assertEquals(List.of(), events(rule, List.of(new Sample(0, 6, true), new Sample(60, 1, true))));
  }

  @Test
  void an_announced_alert_that_recovers_during_a_silence_says_so() {
    assertEquals(
        List.of("0 FIRED", "60 RECOVERED"),
        events(
            AlertRule.parse("x: total flows > 5"),
            List.of(new Sample(0, 6, false), new Sample(60, 1, true))));
  }

  @Test
  void a_clock_that_is_set_back_does_not_hold_an_alert_back() {
    AlertRule rule = AlertRule.parse("x: total flows > 5 for 1m cooldown 10m");
    assertEquals(
        List.of("3660 FIRED", "3720 RECOVERED", "60 FIRED"),
        events(
            rule,
            List.of(
                new Sample(3600, 6, false),
                new Sample(3660, 6, false),
                new Sample(3720, 1, false),
                new Sample(0, 6, false),
                new Sample(60, 6, false))));
  }

  /// What an alert does, computed from all samples at each step instead of from the state before.
  private static List<String> model(AlertRule rule, List<Sample> samples) {
    List<String> events = new ArrayList<>();
    boolean fires = false;
    boolean announced = false;
    long held = -1;
    long fired = Long.MIN_VALUE;
    for (Sample sample : samples) {
      boolean known = !Double.isNaN(sample.value());
      boolean beyond = known && rule.relation().holds(sample.value(), 50);
      boolean inside = known && !rule.relation().holds(sample.value(), rule.clearing());
      held = !beyond ? -1 : held < 0 ? sample.second() : held;
      boolean longEnough = held >= 0 && sample.second() - held >= rule.hold().toSeconds();
      boolean cooled =
          fired == Long.MIN_VALUE || sample.second() - fired >= rule.cooldown().toSeconds();
      if (fires && inside) {
        fires = false;
        if (announced) {
          events.add(sample.second() + " " + Event.RECOVERED);
        }
        announced = false;
        held = -1;
      } else if (!fires && longEnough && cooled) {
        fires = true;
        fired = sample.second();
      }
      if (fires && !announced && !sample.silenced()) {
        announced = true;
        events.add(sample.second() + " " + Event.FIRED);
      }
    }
    return events;
  }

  @Test
  void alerts_do_what_a_simple_model_does() {
    long seed = Long.getLong("seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int run = 0; run < 2_000; run++) {
      AlertRule rule =
          AlertRule.parse(
              "x: total flows %s 50 for %ds cooldown %ds"
                  .formatted(
                      random.nextBoolean() ? ">" : "<", random.nextInt(200), random.nextInt(600)));
      List<Sample> samples = new ArrayList<>();
      long second = 0;
      for (int i = 0; i < 60; i++) {
        second += 1 + random.nextInt(90);
        double value = random.nextInt(8) == 0 ? UNKNOWN : 40 + random.nextInt(21);
        samples.add(new Sample(second, value, random.nextInt(5) == 0));
      }
      assertEquals(
          model(rule, samples),
          events(rule, samples),
          () -> rule.text() + " -Dseed=" + seed + ": " + samples);
    }
  }

  @Test
  void a_state_that_was_never_evaluated_is_ok_and_unknown() {
    AlertState first = AlertState.first(BEGIN);
    assertEquals(Phase.OK, first.phase());
    assertEquals(Optional.empty(), first.lastFired());
    assertEquals(false, first.evaluation().known());
  }

  /// The events of a rule that is evaluated with a value from a state.
  private static Optional<Event> event(AlertState from, AlertRule rule, double value) {
    return from.next(rule, evaluate(rule, value), BEGIN.plusSeconds(90), false).event();
  }

  @Test
  void an_event_that_nobody_was_told_of_is_announced_again() {
    AlertRule rule = AlertRule.parse("x: total flows > 5");
    AlertState fired = AlertState.first(BEGIN).next(rule, evaluate(rule, 6), BEGIN, false).state();
    assertEquals(Optional.empty(), event(fired, rule, 6));
    assertEquals(Optional.of(Event.FIRED), event(fired.before(Event.FIRED), rule, 6));
    assertEquals(Optional.empty(), event(fired.before(Event.FIRED), rule, 1));

    AlertState over = fired.next(rule, evaluate(rule, 1), BEGIN.plusSeconds(60), false).state();
    assertEquals(Optional.empty(), event(over, rule, 1));
    assertEquals(Optional.of(Event.RECOVERED), event(over.before(Event.RECOVERED), rule, 1));
    assertEquals(Optional.empty(), event(over.before(Event.RECOVERED), rule, 6));
    assertEquals(Optional.empty(), event(over.before(Event.FIRED), rule, 1));
  }
}
