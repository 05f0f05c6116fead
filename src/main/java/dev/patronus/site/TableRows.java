package dev.patronus.site;

import java.util.Objects;

/// How many rows of a table a change touches, and how.
///
/// Immutable.
public record TableRows(String table, Effect effect, long rows) {

  /// What happens to the rows.
  public enum Effect {
    /// They go, or went.
    DELETED,
    /// They stay; what pointed at the site is taken out of them.
    REWRITTEN,
    /// They come back, or came.
    RESTORED
  }

  public TableRows {
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(effect, "effect");
    if (rows < 0) {
      throw new IllegalArgumentException("rows must not be negative, was " + rows);
    }
  }
}
