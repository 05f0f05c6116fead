package dev.patronus.cli.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.cli.traffic.TrafficRow;
import dev.patronus.policy.PolicyTraffic;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SteadyOrderTest {
  private final SteadyOrder order = new SteadyOrder(row -> row.bytesPerSecond().orElse(-1));

  /// The names in their order, for rates of the policies a, b, c and so on.
  private String order(double... rates) {
    List<TrafficRow> rows = new ArrayList<>();
    for (int i = 0; i < rates.length; i++) {
      String name = String.valueOf((char) ('a' + i));
      rows.add(
          new TrafficRow(
              new PolicyTraffic(i, name, 0, true, 0, 0, 0, null),
              OptionalDouble.empty(),
              rates[i] < 0 ? OptionalDouble.empty() : OptionalDouble.of(rates[i]),
              60));
    }
    return order.of(rows).stream()
        .map(row -> row.traffic().name())
        .collect(Collectors.joining(" "));
  }

  @Test
  void the_largest_comes_first_and_the_unknown_last() {
    assertEquals("b d a c", order(5, 50, -1, 7));
  }

  @Test
  void rows_that_are_about_as_large_keep_their_places() {
    assertEquals("a b", order(100, 98));
    for (int i = 0; i < 20; i++) {
      assertEquals("a b", order(100 + i % 2 * -6, 98 + i % 2 * 6));
    }
  }

  @Test
  void a_row_that_has_become_clearly_larger_rises() {
    assertEquals("a b", order(100, 98));
    assertEquals("b a", order(100, 120));
    assertEquals("a b", order(200, 120));
  }

  @Test
  void traffic_that_ended_and_began_is_sorted_at_once() {
    assertEquals("a b", order(100, 0));
    assertEquals("b a", order(0, 1));
  }

  @Test
  void a_new_row_has_its_place_and_one_that_went_is_forgotten() {
    assertEquals("a", order(100));
    assertEquals("b a", order(100, 101));
    assertEquals("a", order(100));
    assertEquals("a b", order(100, 99));
  }
}
