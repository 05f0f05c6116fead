package dev.patronus.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.site.Endpoint;
import dev.patronus.site.Path;
import dev.patronus.site.PathStatus;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointCostsTest {
  @Test
  void a_gigabyte_is_paid_at_both_ends() {
    EndpointCosts costs =
        new EndpointCosts(
            List.of(
                endpoint(1, "a", "192.0.2.1:51820", 0.25),
                endpoint(2, "b", "192.0.2.2:51820", 0.5)));
    assertEquals(OptionalDouble.of(0.75), costs.of(path("192.0.2.1:51820", "192.0.2.2:51820")));
  }

  @Test
  void half_of_a_price_is_none() {
    EndpointCosts costs = new EndpointCosts(List.of(endpoint(1, "a", "192.0.2.1", 0.25)));
    assertEquals(OptionalDouble.empty(), costs.of(path("192.0.2.1", "192.0.2.2")));
  }

  @Test
  void an_endpoint_of_another_site_is_another_endpoint() {
    EndpointCosts costs =
        new EndpointCosts(
            List.of(endpoint(1, "b", "192.0.2.1", 0.25), endpoint(2, "b", "192.0.2.2", 0.25)));
    assertEquals(OptionalDouble.empty(), costs.of(path("192.0.2.1", "192.0.2.2")));
  }

  @Test
  void of_several_rows_for_one_address_the_last_one_counts() {
    EndpointCosts costs =
        new EndpointCosts(
            List.of(
                endpoint(1, "a", "192.0.2.1", 9),
                endpoint(2, "a", "192.0.2.1", 0.25),
                endpoint(3, "b", "192.0.2.2", 0.25)));
    assertEquals(OptionalDouble.of(0.5), costs.of(path("192.0.2.1", "192.0.2.2")));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1:51820, 192.0.2.1:51820, 1",
    "192.0.2.1:51820, 192.0.2.1, 1",
    "192.0.2.1, 192.0.2.1:51820, 1",
    "192.0.2.1:51820, 192.0.2.1:51821,",
    "[2001:DB8:0::1]:51820, [2001:db8::1]:51820, 1",
    "uplink-1, uplink-1, 1",
    "uplink-1, uplink-2,",
  })
  void an_endpoint_is_found_by_its_address_and_by_its_port_where_both_have_one(
      String listed, String used, Double cost) {
    EndpointCosts costs =
        new EndpointCosts(List.of(endpoint(1, "a", listed, 1), endpoint(2, "b", "x", 0)));
    assertEquals(
        cost == null ? OptionalDouble.empty() : OptionalDouble.of(cost), costs.of(path(used, "x")));
  }

  private static Endpoint endpoint(long id, String site, String address, double cost) {
    return new Endpoint(id, site, address, "fiber", cost, true);
  }

  private static Path path(String src, String dst) {
    return new Path(1, "a", "b", src, dst, Optional.empty(), PathStatus.Known.UP);
  }
}
