package dev.patronus.fleet.read;

import dev.patronus.error.Counted;
import dev.patronus.fleet.HubGateways;
import dev.patronus.fleet.HubGateways.Gateway;
import dev.patronus.fleet.HubSchema;
import dev.patronus.store.LeanJdbi;
import dev.patronus.store.maintenance.CheckFinding;
import dev.patronus.store.maintenance.CheckFinding.Severity;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Checks a hub without changing it: whether its gateways are heard of, whether it has room for
/// them, and whether its roll-ups add up.
///
/// Confined to one thread.
public final class HubCheck {
  /// A gateway that was not heard of for longer is late.
  private static final Duration LATE = Duration.ofMinutes(5);

  /// A clock that differs by more is wrong.
  private static final double SKEW_SECONDS = 60;

  /// From so much of its quota on a gateway is warned about.
  private static final double NEARLY_FULL = 0.9;

  private static final int DAYS = 3;
  private static final int DAY = 86_400;

  private static final List<String> PARTITIONED =
      List.of("five_minutes", "hours", "policy_stats", "unmatched_stats", "path_metrics");

  private static final String DIFFERENT_DAYS =
      """
      SELECT d.gateway_id, count(*)
      FROM fleet.visible_series s
        JOIN fleet.days d USING (gateway_id, epoch, series_id)
        CROSS JOIN LATERAL (
          SELECT sum(h.packets) AS packets, sum(h.bytes) AS bytes FROM fleet.hours h
          WHERE h.gateway_id = d.gateway_id AND h.epoch = d.epoch AND h.series_id = d.series_id
            AND h.start >= d.start AND h.start < d.start + 86400) h
      WHERE s.gateway_id = ANY (?) AND d.start >= ? AND d.start >= s.hours_from
        AND d.start < s.days_until
        AND (d.packets, d.bytes) IS DISTINCT FROM (h.packets, h.bytes)
      GROUP BY 1
      """;

  private final FleetReader reader;
  private final Instant now;
  private final List<HubFinding> findings = new ArrayList<>();

  /// @param now of this machine
  public HubCheck(FleetReader reader, Instant now) {
    this.reader = reader;
    this.now = now;
  }

  /// What was found.
  ///
  /// @param gateway whom it is about; empty for the hub itself
  public record HubFinding(Optional<String> gateway, CheckFinding finding) {}

  /// Checks all.
  ///
  /// @param quick whether the roll-ups are not added up
  public List<HubFinding> findings(boolean quick) {
    add(Optional.empty(), Severity.OK, "schema", "schema version " + HubSchema.VERSION, null);
    Map<String, Gateway> gateways = new HashMap<>();
    HubGateways.list(LeanJdbi.on(reader.connection()))
        .forEach(gateway -> gateways.put(gateway.name(), gateway));
    reader.gateways().forEach(each -> check(Objects.requireNonNull(gateways.get(each.name()))));
    checkPartitions();
    if (!quick) {
      checkDays();
    }
    return List.copyOf(findings);
  }

  private void add(
      Optional<String> gateway,
      Severity severity,
      String check,
      String message,
      @Nullable String next) {
    findings.add(new HubFinding(gateway, new CheckFinding(severity, check, message, next)));
  }

  private void check(Gateway gateway) {
    Optional<String> name = Optional.of(gateway.name());
    if (gateway.revoked().isPresent()) {
      add(name, Severity.INFO, "contact", "is revoked; what it sent stays", null);
      return;
    }
    if (gateway.lastContact().isEmpty()) {
      add(
          name,
          Severity.WARNING,
          "contact",
          "has sent nothing yet",
          "set fleet in its configuration, as 'patronus fleet enrol' printed it");
      return;
    }
    Duration silent = Duration.between(gateway.lastContact().get(), gateway.now());
    if (silent.compareTo(LATE) > 0) {
      add(
          name,
          Severity.WARNING,
          "contact",
          "was not heard of for " + DurationText.format(Duration.ofSeconds(silent.toSeconds())),
          "see 'patronus status' on it");
    } else {
      add(name, Severity.OK, "contact", "is heard of", null);
    }
    checkClock(gateway, name);
    checkRoom(gateway, name);
    if (!gateway.complete()) {
      add(name, Severity.INFO, "epoch", "the history of a new epoch is under way", null);
    }
  }

  private void checkClock(Gateway gateway, Optional<String> name) {
    double skew = gateway.skewSeconds().orElse(0);
    if (Math.abs(skew) > SKEW_SECONDS) {
      String by = DurationText.format(Duration.ofSeconds(Math.round(Math.abs(skew))));
      add(
          name,
          Severity.WARNING,
          "clock",
          "its clock is " + by + (skew > 0 ? " ahead of" : " behind") + " the hub's",
          "synchronise it, for example with chrony");
    }
  }

  private void checkRoom(Gateway gateway, Optional<String> name) {
    boolean full = gateway.recordsKept() >= gateway.quotaKept();
    if (full || gateway.recordsKept() >= NEARLY_FULL * gateway.quotaKept()) {
      add(
          name,
          full ? Severity.ERROR : Severity.WARNING,
          "quota",
          "the hub keeps "
              + Counted.grouped(gateway.recordsKept())
              + " of the "
              + Counted.grouped(gateway.quotaKept())
              + " records that it may have"
              + (full ? ", and takes no more" : ""),
          "remove old history with 'patronus fleet prune'");
    }
  }

  /// Rows that have no partition of their month cost much more to remove.
  private void checkPartitions() {
    for (String table : PARTITIONED) {
      reader.each(
          "SELECT EXISTS (SELECT 1 FROM fleet." + table + "_other)",
          row -> {
            if (row.getBoolean(1)) {
              add(
                  Optional.empty(),
                  Severity.WARNING,
                  "partitions",
                  "rows of " + table + " lie outside of the months that have a partition",
                  "run 'patronus fleet prune', once a day from a timer");
            }
          });
    }
  }

  /// Whether the newest days are the sums of their hours.
  private void checkDays() {
    long from = Math.floorDiv(now.getEpochSecond(), DAY) * DAY - (long) DAYS * DAY;
    int before = findings.size();
    reader.each(
        DIFFERENT_DAYS,
        row ->
            add(
                Optional.of(reader.gateway(row.getInt(1)).name()),
                Severity.ERROR,
                "roll-ups",
                Counted.of(row.getLong(2), "day differs", "days differ")
                    + " from the sum of their hours",
                "run 'patronus db check' on it"),
        reader.ids(),
        from);
    if (findings.size() == before) {
      add(
          Optional.empty(),
          Severity.OK,
          "roll-ups",
          "the last " + DAYS + " days are the sums of their hours",
          null);
    }
  }
}
