package dev.patronus.output.text;

import java.time.ZoneId;

/// What a person's side of the line can show.
///
/// Immutable.
///
/// @param columns the width to stay within; 0 where nothing limits it
/// @param colour whether escape sequences may colour the text
/// @param unicode whether more than ASCII can be drawn
/// @param headers whether tables have a line of titles
public record Screen(
    int columns,
    boolean colour,
    boolean unicode,
    ZoneId zone,
    boolean rawNumbers,
    boolean headers) {

  /// How values read on it.
  public HumanFormat humane() {
    return new HumanFormat(zone, rawNumbers);
  }
}
