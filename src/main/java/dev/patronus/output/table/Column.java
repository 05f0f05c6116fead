package dev.patronus.output.table;

import java.util.Locale;
import java.util.Objects;

/// A column of a table: its name for machines, its title for people, and what its values mean.
///
/// Immutable.
///
/// @param name the name in JSON and CSV, the database's where it has one: `bytes_matched`
/// @param title the heading for people: `BYTES`
/// @param detail whether people see it only where they ask for it by name; machines always do
public record Column(String name, String title, Kind kind, boolean detail) {

  /// What a value means, and so how it is shown to people.
  public enum Kind {
    /// Words; the only kind that is cut where the screen is too narrow.
    TEXT,
    /// Names a thing; never cut.
    ID,
    /// Names a thing together with the other columns of this kind: a flow's addresses; never cut,
    /// and shown as long as there is room for anything.
    KEY,
    /// A whole number of things.
    COUNT,
    /// A number of bytes, shown with units.
    BYTES,
    /// Bytes per second, shown as bits per second.
    BYTE_RATE,
    /// Things per second.
    RATE,
    /// A number with a fraction.
    NUMBER,
    /// A number of which nobody knows what it means: shown as it is, to its last digit.
    PLAIN_NUMBER,
    /// Megabits per second; the title says so.
    MEGABITS,
    /// A number of milliseconds.
    MILLIS,
    /// 0 to 100.
    PERCENT,
    /// An instant.
    TIME,
    /// A number of seconds that went by.
    SECONDS,
    /// Yes or no.
    FLAG,
    /// A word for how something is: `up`, `degraded`, `down`; coloured.
    STATUS;

    /// Whether values line up at their right end.
    public boolean alignsRight() {
      return switch (this) {
        case COUNT,
            BYTES,
            BYTE_RATE,
            RATE,
            NUMBER,
            PLAIN_NUMBER,
            MEGABITS,
            MILLIS,
            PERCENT,
            SECONDS ->
            true;
        case TEXT, ID, KEY, TIME, FLAG, STATUS -> false;
      };
    }
  }

  public Column {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(kind, "kind");
  }

  /// A column whose title is its name in capitals: `site_name` is shown as `SITE NAME`.
  public static Column of(String name, Kind kind) {
    return of(name, name.replace('_', ' ').toUpperCase(Locale.ROOT), kind);
  }

  public static Column of(String name, String title, Kind kind) {
    return new Column(name, title, kind, false);
  }

  /// A column that tables for people leave out unless `--columns` names it.
  public static Column detail(String name, Kind kind) {
    return new Column(name, of(name, kind).title(), kind, true);
  }

  /// The same column, shown to everybody.
  Column shown() {
    return of(name, title, kind);
  }
}
