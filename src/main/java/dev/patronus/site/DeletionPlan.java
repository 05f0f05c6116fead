package dev.patronus.site;

import dev.patronus.site.TableRows.Effect;
import dev.patronus.site.failover.FailoverChange;
import dev.patronus.site.failover.FailoverChange.Goes;
import dev.patronus.site.failover.FailoverChange.LosesBackups;
import dev.patronus.site.failover.FailoverChange.Unreadable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The plan of a deletion of sites, of policies, or of what is left over of some that are gone: the
/// affected rows by table, and the changes of failover policies.
///
/// Immutable. Tables stand from the sites or policies outward: dependent rows come after them. Only
/// tables that lose or change rows are named.
public record DeletionPlan(
    ItemKind kind,
    List<PlannedItem> items,
    List<TableRows> tables,
    List<FailoverChange> failovers) {

  /// More paths than this, and the site's name must be typed.
  public static final long PATHS_TO_CONFIRM_BY_NAME = 10;

  /// A site or policy that is deleted.
  ///
  /// @param id the site's, or the policy's, unsigned
  /// @param paths how many paths begin or end at the site
  public record PlannedItem(String id, String name, long paths) {
    public PlannedItem {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(name, "name");
    }
  }

  public DeletionPlan {
    Objects.requireNonNull(kind, "kind");
    items = List.copyOf(items);
    tables = List.copyOf(tables);
    failovers = List.copyOf(failovers);
  }

  /// Whether nothing would be changed.
  public boolean isEmpty() {
    return tables.isEmpty() && failovers.isEmpty();
  }

  /// All rows that go or are rewritten.
  public long rows() {
    return tables.stream().mapToLong(TableRows::rows).sum();
  }

  /// The rows of one table that go; 0 if none does.
  public long deleted(String table) {
    return tables.stream()
        .filter(rows -> rows.table().equals(table) && rows.effect() == Effect.DELETED)
        .mapToLong(TableRows::rows)
        .sum();
  }

  /// Whether the site has so many dependent rows that its name must be typed for confirmation.
  public boolean isSevere() {
    return items.stream().anyMatch(site -> site.paths() > PATHS_TO_CONFIRM_BY_NAME);
  }

  /// What is different in `now` that somebody who agreed to this plan would want to know; empty if
  /// nothing is. Measurements, events and flows that came or went meanwhile are nothing: the
  /// platform writes them all the time.
  public Optional<String> differenceTo(DeletionPlan now) {
    if (!items.equals(now.items)) {
      return Optional.of(
          switch (kind) {
            case SITE -> "its name or its paths are not what they were";
            case POLICY, LEFTOVERS -> "its name is not what it was";
          });
    }
    if (deleted("sdwan_endpoints") != now.deleted("sdwan_endpoints")) {
      return Optional.of("its endpoints are not what they were");
    }
    if (!failoversThatMatter().equals(now.failoversThatMatter())) {
      return Optional.of("other failover policies depend on it");
    }
    return newTable(now).map(table -> "rows of " + table + " hang on it now");
  }

  private Set<FailoverChange> failoversThatMatter() {
    return failovers.stream()
        .map(change ->
            switch (change) {
              case Goes goes -> new Goes(goes.policyId(), goes.name(), "", 0);
              case LosesBackups loses -> loses;
              case Unreadable unreadable -> unreadable;
            })
        .collect(Collectors.toSet());
  }

  private Optional<String> newTable(DeletionPlan now) {
    Set<String> known = tables.stream().map(TableRows::table).collect(Collectors.toSet());
    return now.tables.stream()
        .map(TableRows::table)
        .filter(table -> !known.contains(table) && !PLATFORM_HISTORY.contains(table))
        .findFirst();
  }

  private static final Set<String> PLATFORM_HISTORY =
      Set.of(
          "sdwan_path_metrics",
          "sdwan_path_health",
          "sdwan_flows",
          "sdwan_failover_events",
          "sdwan_policy_stats");
}
