package dev.patronus.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.store.table.EndpointTable;
import dev.patronus.store.table.RoutingRows;
import dev.patronus.testing.PlatformDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Texts that are too long to be read into memory.
class LongTextTest {
  private static final String LONG = "x".repeat(5000);

  @TempDir private Path folder;
  private PlatformDatabase platform;

  @BeforeEach
  void create() throws Exception {
    platform = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
  }

  @AfterEach
  void close() throws Exception {
    platform.close();
  }

  private RoutingRows rows() {
    try (Database database = Database.openReadOnly(platform.file())) {
      return RoutingRows.read(database);
    }
  }

  @Test
  void a_policy_with_too_long_a_name_is_unreadable_and_named_by_its_id() throws Exception {
    platform.policy(7, "web", 100, "{}");
    platform.run("UPDATE sdwan_policies SET name = ?", LONG);
    Policy policy = rows().policies().getFirst();
    assertEquals("(policy 7)", policy.name());
    assertEquals(
        new Invalid("name has 5000 bytes, more than the 4096 that are read"), policy.rules());
  }

  @Test
  void a_policy_with_too_long_rules_is_unreadable_and_costs_the_others_nothing() throws Exception {
    platform.policy(7, "web", 100, "{}").policy(8, "rest", 0, "{}");
    platform.run(
        "UPDATE sdwan_policies SET match_rules = ? WHERE policy_id = 7",
        " ".repeat((1 << 20) + 1) + "{}");
    List<Policy> policies = rows().policies();
    assertEquals("web", policies.getFirst().name());
    assertEquals(
        new Invalid("match_rules has 1048579 bytes, more than the 1048576 that are read"),
        policies.getFirst().rules());
    assertEquals("rest", policies.getLast().name());
  }

  @Test
  void an_endpoint_with_too_long_an_address_has_none() throws Exception {
    platform.site("a", "north").endpoint("a", "192.0.2.1");
    platform.run("UPDATE sdwan_endpoints SET address = ?", LONG);
    try (Database database = Database.openReadOnly(platform.file())) {
      EndpointTable endpoints = new EndpointTable(database);
      assertEquals(List.of(), endpoints.addresses());
      assertEquals("", endpoints.all().getFirst().address());
    }
  }
}
