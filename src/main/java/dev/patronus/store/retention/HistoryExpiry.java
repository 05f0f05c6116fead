package dev.patronus.store.retention;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.error.UserError;
import dev.patronus.history.tier.Retention;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.TierExpiry;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/// Deletes the traffic that is past its [Retention]: raw rows that are rolled up, and roll-ups that
/// are summed up in coarser ones, in small transactions, so that others can write in between.
///
/// May be stopped at any moment. The newest row of a policy stays, however old, since its counters
/// go on from it. Ages count from the instant that the caller gives, never from a row. All that
/// goes within one day (UTC) is in one row of the audit trail.
///
/// Confined to the database's thread.
public final class HistoryExpiry {
  private static final List<HistoryTable> ROWS =
      List.of(HistoryTable.POLICY_STATS, HistoryTable.UNMATCHED_STATS);

  private final Database database;
  private final Retention retention;
  private final TierExpiry tiers;
  private Optional<Pruning> rows = Optional.empty();
  private Instant now = Instant.EPOCH;
  private DeletedHistory deleted;
  private LocalDate auditDay = LocalDate.EPOCH;

  public HistoryExpiry(Database database, Retention retention) {
    this.database = database;
    this.retention = retention;
    this.tiers = new TierExpiry(database, retention);
    this.deleted = nothing();
  }

  private DeletedHistory nothing() {
    return new DeletedHistory(
        database, AuditEvent.Type.DATABASE_EXPIRE, "retention", retention.text());
  }

  /// Takes up all that is past its life for [#step].
  ///
  /// @param instant the present, from which ages count
  /// @throws UserError if a table has lost the index that makes this cheap, or the database refuses
  public void begin(Actor actor, Instant instant) {
    now = instant;
    LocalDate day = LocalDate.ofInstant(instant, ZoneOffset.UTC);
    if (!day.equals(auditDay)) {
      deleted = nothing();
      auditDay = day;
    }
    rows =
        retention
            .rows()
            .map(life -> new PrunedTime.Before(instant.minus(life), instant))
            .map(time -> new Pruning(database, ROWS, time, deleted));
    rows.ifPresent(Pruning::begin);
    tiers.begin(actor, instant);
  }

  /// Deletes some rows in one transaction.
  ///
  /// @return whether there may be more
  public boolean step(Actor actor) {
    if (rows.isPresent() && rows.get().hasMore()) {
      boolean _ = rows.get().step(actor, now);
    } else if (tiers.hasMore()) {
      deleted.delete(actor, now, handle -> tiers.remove(handle.getConnection()));
    }
    return tiers.hasMore() || (rows.isPresent() && rows.get().hasMore());
  }

  /// How many rows are gone that the audit row tells of.
  public long total() {
    return deleted.total();
  }
}
