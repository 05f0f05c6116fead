package dev.patronus.cli.watch;

import dev.patronus.cli.traffic.TrafficAlerts;
import dev.patronus.cli.traffic.TrafficRow;
import dev.patronus.policy.TrafficNow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a watch shows at one moment.
///
/// Immutable.
///
/// @param time of the wall, for people to read; nothing is computed from it
/// @param trouble why it is not what it could be; empty if it is
/// @param watched for how long
/// @param window the time that the rates are of; zero where there are none
/// @param rows those that are to be shown, in their order
/// @param hidden those that the limit of rows leaves out
/// @param total of all rows, shown or not
/// @param unmatched what no policy matched; empty where nobody counts it
/// @param named whether policies are named: then people see no unmatched traffic
/// @param alerts the limits that are exceeded now
record WatchReading(
    Instant time,
    TrafficNow now,
    String trouble,
    Duration watched,
    int readings,
    Duration window,
    List<WatchedRow> rows,
    List<WatchedRow> hidden,
    WatchedRow total,
    Optional<WatchedRow> unmatched,
    boolean named,
    TrafficAlerts alerts) {

  /// The traffic of all policies that are watched, shown or not.
  List<TrafficRow> all() {
    return Stream.concat(rows.stream(), hidden.stream()).map(WatchedRow::row).toList();
  }

  /// The rows below those of the policies, which add up: the matched traffic, the unmatched, all.
  List<WatchedRow> sums() {
    if (named || unmatched.isEmpty()) {
      return List.of(total.named("(total)"));
    }
    WatchedRow none = unmatched.get();
    return List.of(total.named("(total matched)"), none, WatchedRow.all(total, none));
  }
}
