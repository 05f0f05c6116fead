package dev.patronus.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.site.DeletionPlan.PlannedItem;
import dev.patronus.site.TableRows.Effect;
import dev.patronus.site.failover.FailoverChange;
import dev.patronus.site.failover.FailoverChange.Goes;
import dev.patronus.site.failover.FailoverChange.LosesBackups;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeletionPlanTest {
  private static final PlannedItem BERLIN = new PlannedItem("aa", "berlin", 3);

  private static TableRows deleted(String table, long rows) {
    return new TableRows(table, Effect.DELETED, rows);
  }

  private static DeletionPlan plan(TableRows... tables) {
    return new DeletionPlan(ItemKind.SITE, List.of(BERLIN), List.of(tables), List.of());
  }

  @Test
  void rows_are_counted_whether_they_go_or_are_rewritten() {
    DeletionPlan plan =
        plan(deleted("sdwan_sites", 1), new TableRows("notes", Effect.REWRITTEN, 4));
    assertEquals(5, plan.rows());
    assertEquals(1, plan.deleted("sdwan_sites"));
    assertEquals(0, plan.deleted("notes"));
  }

  @Test
  void more_than_ten_paths_are_severe() {
    assertFalse(onePath(10).isSevere());
    assertTrue(onePath(11).isSevere());
  }

  private static DeletionPlan onePath(long paths) {
    return new DeletionPlan(
        ItemKind.SITE, List.of(BERLIN, new PlannedItem("bb", "oslo", paths)), List.of(), List.of());
  }

  @Test
  void measurements_that_came_meanwhile_do_not_matter() {
    DeletionPlan shown = plan(deleted("sdwan_path_metrics", 10));
    DeletionPlan now = plan(deleted("sdwan_path_metrics", 12), deleted("sdwan_flows", 3));
    assertEquals(Optional.empty(), shown.differenceTo(now));
  }

  @Test
  void a_new_path_endpoint_or_table_matters() {
    assertTrue(onePath(3).differenceTo(onePath(4)).isPresent());
    assertEquals(
        Optional.of("its endpoints are not what they were"),
        plan().differenceTo(plan(deleted("sdwan_endpoints", 1))));
    assertEquals(
        Optional.of("rows of leases hang on it now"),
        plan().differenceTo(plan(deleted("leases", 1))));
  }

  @Test
  void another_failover_policy_matters_but_its_events_do_not() {
    DeletionPlan shown = failing(new Goes(1, "wan", "7", 2));
    assertEquals(Optional.empty(), shown.differenceTo(failing(new Goes(1, "wan", "7", 3))));
    FailoverChange loses = new LosesBackups(1, "wan", List.of("7"), List.of());
    assertEquals(
        Optional.of("other failover policies depend on it"), shown.differenceTo(failing(loses)));
  }

  private static DeletionPlan failing(FailoverChange change) {
    return new DeletionPlan(ItemKind.SITE, List.of(BERLIN), List.of(), List.of(change));
  }
}
