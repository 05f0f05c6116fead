package dev.patronus.output.table;

import dev.patronus.output.table.Column.Kind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/// What stands above a column, and what its values mean.
///
/// Immutable.
///
/// @param name the name in JSON and CSV, the database's where it has one: `bytes_matched`
/// @param title the heading for people: `BYTES`
/// @param detail whether people see the column only where they ask for it by name; machines always
///   do
/// @param partOf the name of the column that the values are a part of, and without which they say
///   little: a narrow screen has both or that one; empty if there is none
public record Heading(String name, String title, Kind kind, boolean detail, String partOf) {
  /// Words of titles that say a unit already.
  private static final Set<String> UNITS = Set.of("BIT/S", "MS", "%", "PCT", "S", "SECONDS");

  public Heading {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(partOf, "partOf");
  }

  /// A heading whose title is its name in capitals: `site_name` is shown as `SITE NAME`.
  public static Heading of(String name, Kind kind) {
    return of(name, name.replace('_', ' ').toUpperCase(Locale.ROOT), kind);
  }

  public static Heading of(String name, String title, Kind kind) {
    return new Heading(name, title, kind, false, "");
  }

  /// A heading of a column that people see only where they ask for it.
  public static Heading detail(String name, Kind kind) {
    return of(name, kind).asDetail(true);
  }

  /// The title above plain numbers, which have no unit beside them: `LATENCY MS`.
  public String plainTitle() {
    return kind.unit().isEmpty() || Arrays.stream(title.split(" ", -1)).anyMatch(UNITS::contains)
        ? title
        : title + " " + kind.unit();
  }

  /// The same heading, of a detail or not.
  Heading asDetail(boolean isDetail) {
    return new Heading(name, title, kind, isDetail, partOf);
  }

  /// The same heading, of a part of another column.
  Heading asPartOf(String whole) {
    return new Heading(name, title, kind, detail, whole);
  }
}
