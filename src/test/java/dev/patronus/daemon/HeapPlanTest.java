package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HeapPlanTest {
  private static final long MB = 1 << 20;

  @Test
  void a_small_database_leaves_flows_their_two_fifths() {
    assertEquals(629_145, new HeapPlan(192 * MB, 1_000, 12, false).flowLimit());
  }

  @Test
  void what_a_full_mesh_takes_is_taken_from_the_flows() {
    HeapPlan plan = new HeapPlan(192 * MB, 10_000, 100_806, false);
    assertTrue(plan.fits());
    assertTrue(plan.flowLimit() < 629_145, "limit " + plan.flowLimit());
    assertTrue(
        new HeapPlan(192 * MB, 10_000, 100_806, true).flowLimit() < plan.flowLimit(),
        "connection entries take their part");
  }

  @Test
  void a_heap_that_is_too_small_is_said_with_one_that_is_not() {
    HeapPlan plan = new HeapPlan(192 * MB, 10_000, 400_000, false);
    assertFalse(plan.fits());
    assertTrue(plan.remedy().startsWith("set PATRONUS_JAVA_OPTS=-Xmx"), plan.remedy());
    assertTrue(new HeapPlan(plan.suggestedBytes(), 10_000, 400_000, false).fits());
  }
}
