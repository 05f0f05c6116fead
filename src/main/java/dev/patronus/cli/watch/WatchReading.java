package dev.patronus.cli.watch;

import dev.patronus.cli.traffic.TrafficAlerts;
import dev.patronus.policy.TrafficNow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a watch shows at one moment.
///
/// Immutable.
///
/// @param time of the wall, for people to read; nothing is computed from it
/// @param trouble why it is not what it could be; empty if it is
/// @param watched for how long
/// @param rows those that are to be shown, in their order
/// @param unmatched what no policy takes; empty where nobody counts it
/// @param alerts the limits that are exceeded now
record WatchReading(
    Instant time,
    TrafficNow now,
    String trouble,
    Duration watched,
    int readings,
    List<WatchedRow> rows,
    Optional<WatchedRow> unmatched,
    WatchedRow total,
    TrafficAlerts alerts) {}
