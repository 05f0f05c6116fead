package dev.patronus.store.outbox;

import dev.patronus.json.Json;

/// How far a database was sent.
///
/// Immutable.
///
/// @param seq changes up to this number
/// @param stat rows of `sdwan_policy_stats` up to this id
/// @param metric rows of `sdwan_path_metrics` up to this id
/// @param audit rows of `audit_logs` up to this id
/// @param unmatched what there was of unmatched traffic when the epoch began, up to this second
/// @param base how far that is which was there when the epoch began
public record Marks(long seq, long stat, long metric, long audit, long unmatched, Base base) {

  /// What was there when the epoch began: the tiers, the unmatched traffic, the series, in order.
  ///
  /// @param series in the tiers: the series of the last cell; of the series: the last one
  /// @param second in the tiers: the start of the last cell
  public record Base(Part part, long series, long second) {
    static Base begin(Part part) {
      return new Base(part, Long.MIN_VALUE, Long.MIN_VALUE);
    }
  }

  /// The parts of it, in order.
  public enum Part {
    FIVE_MINUTES,
    HOURS,
    DAYS,
    UNMATCHED,
    SERIES,
    DONE;

    Part next() {
      return switch (this) {
        case FIVE_MINUTES -> HOURS;
        case HOURS -> DAYS;
        case DAYS -> UNMATCHED;
        case UNMATCHED -> SERIES;
        case SERIES, DONE -> DONE;
      };
    }
  }

  /// Whether all was sent that was there when the epoch began.
  public boolean baseDone() {
    return base.part() == Part.DONE;
  }

  Marks with(Base changed) {
    return new Marks(seq, stat, metric, audit, unmatched, changed);
  }

  Marks withSeq(long changed) {
    return new Marks(changed, stat, metric, audit, unmatched, base);
  }

  Marks withStat(long changed) {
    return new Marks(seq, changed, metric, audit, unmatched, base);
  }

  Marks withMetric(long changed) {
    return new Marks(seq, stat, changed, audit, unmatched, base);
  }

  Marks withAudit(long changed) {
    return new Marks(seq, stat, metric, changed, unmatched, base);
  }

  Marks withUnmatched(long changed) {
    return new Marks(seq, stat, metric, audit, changed, base);
  }

  /// As the hub keeps them.
  public Json.Obj json() {
    return Json.object()
        .put("seq", seq)
        .put("stat", stat)
        .put("metric", metric)
        .put("audit", audit)
        .put("unmatched", unmatched)
        .put("part", base.part().name())
        .put("series", base.series())
        .put("second", base.second())
        .build();
  }

  /// Reads what [#json] gives.
  ///
  /// @throws RuntimeException if it is something else
  public static Marks of(Json.Obj json) {
    return new Marks(
        json.integer("seq"),
        json.integer("stat"),
        json.integer("metric"),
        json.integer("audit"),
        json.integer("unmatched"),
        new Base(Part.valueOf(json.text("part")), json.integer("series"), json.integer("second")));
  }
}
