package dev.patronus.source.netflow;

import dev.patronus.source.netflow.exporter.Stream;
import dev.patronus.source.netflow.template.FieldIndex;
import dev.patronus.source.netflow.template.Layout;
import dev.patronus.source.netflow.wire.Header;
import dev.patronus.source.netflow.wire.Wire;

/// The start and end of a flow, by our clock.
///
/// The exporter's clocks are used only for the time before the export; that is subtracted from the
/// time of arrival, so that a wrong clock does no harm. Uptimes are 32 bits that wrap after 49.7
/// days, and a flow may end after the uptime of its datagram: the difference is taken as a signed
/// number. What is not plausible becomes the time of arrival, and is counted.
///
/// Confined to the decoder's thread.
public final class FlowTimes {
  /// The longest that a flow's end may lie before its export.
  public static final long MOST_AGE_MILLIS = 3_600_000;

  /// How far a flow's end may lie after its export, for clocks of different resolution.
  static final long MOST_AHEAD_MILLIS = 60_000;

  /// The maximum duration of a flow; a start that implies a longer one is not trusted.
  static final long MOST_DURATION_MILLIS = 7 * 86_400_000L;

  /// The value of an unknown duration.
  static final long UNKNOWN_DURATION = -1;

  private static final long UNKNOWN = Long.MIN_VALUE;
  private static final long NTP_TO_EPOCH_SECONDS = 2_208_988_800L;

  @SuppressWarnings("NullAway.Init") // set by each set of records
  private Layout layout;

  private boolean ipfix;
  private int uptimeMillis;
  private long exportMillis;
  private long arrivalMillis;
  private long bootMillis;

  private long startMillis;
  private long endMillis;
  private long start;
  private long lasted;
  private long longest;
  private long replaced;

  /// Prepares for the records of a set.
  void begin(Stream stream, Header header, Layout layout) {
    this.layout = layout;
    ipfix = header.isIpfix();
    uptimeMillis = header.uptimeMillis();
    exportMillis = header.exportMillis();
    arrivalMillis = header.arrivalMillis();
    bootMillis = stream.bootMillis();
  }

  /// Reads the times of a record.
  void read(byte[] bytes, int[] at, int base) {
    start = layout.start == FieldIndex.NONE ? 0 : value(layout.start, bytes, at, base);
    long age = age(layout.end, bytes, at, base);
    if (age < -MOST_AHEAD_MILLIS || age > MOST_AGE_MILLIS) {
      replaced += layout.end == FieldIndex.NONE ? 0 : 1;
      startMillis = arrivalMillis;
      endMillis = arrivalMillis;
      lasted = UNKNOWN_DURATION;
      return;
    }
    endMillis = arrivalMillis - Math.max(0, age);
    long said = age(layout.start, bytes, at, base) - age;
    boolean plausible = said >= 0 && said <= MOST_DURATION_MILLIS;
    lasted = plausible ? said : UNKNOWN_DURATION;
    startMillis = plausible ? endMillis - said : endMillis;
    longest = plausible ? Math.max(longest, said) : longest;
  }

  /// How long before the export it was, in milliseconds; [#UNKNOWN] if that cannot be said.
  private long age(int field, byte[] bytes, int[] at, int base) {
    if (field == FieldIndex.NONE) {
      return UNKNOWN;
    }
    long value = value(field, bytes, at, base);
    return switch (field) {
      case FieldIndex.START_UPTIME, FieldIndex.END_UPTIME -> sinceUptime(value, bytes, at, base);
      case FieldIndex.START_MILLIS, FieldIndex.END_MILLIS -> exportMillis - value;
      case FieldIndex.START_SECONDS, FieldIndex.END_SECONDS -> exportMillis - value * 1000;
      case FieldIndex.START_DELTA, FieldIndex.END_DELTA -> value / 1000;
      default -> exportMillis - ofNtp(value);
    };
  }

  private long sinceUptime(long uptime, byte[] bytes, int[] at, int base) {
    if (!ipfix) {
      return difference(uptimeMillis, uptime);
    }
    long boot =
        layout.has(FieldIndex.BOOT_MILLIS)
            ? value(FieldIndex.BOOT_MILLIS, bytes, at, base)
            : bootMillis;
    return boot == 0 ? UNKNOWN : difference((int) (exportMillis - boot), uptime);
  }

  private long value(int field, byte[] bytes, int[] at, int base) {
    return Wire.integer(bytes, base + at[field], layout.length[field]);
  }

  /// How much later `now` is, both modulo 2^32.
  private static int difference(int now, long then) {
    return now - (int) then;
  }

  /// Seconds since 1900 in 32 bits and a fraction in 32: RFC 7011 §6.1.9.
  private static long ofNtp(long value) {
    return ((value >>> 32) - NTP_TO_EPOCH_SECONDS) * 1000
        + (((value & 0xffff_ffffL) * 1000) >>> 32);
  }

  /// The start as the exporter wrote it, 0 if it did not: only to tell one flow from the next. What
  /// is written as the time before the export is another number in each record, and does not tell.
  long start() {
    return layout.start == FieldIndex.START_DELTA ? 0 : start;
  }

  /// How long the flow lasted, in milliseconds; [#UNKNOWN_DURATION] if that cannot be said.
  long lastedMillis() {
    return lasted;
  }

  long startMillis() {
    return startMillis;
  }

  long endMillis() {
    return endMillis;
  }

  /// The longest duration since the last call, in milliseconds.
  long takeLongest() {
    long taken = longest;
    longest = 0;
    return taken;
  }

  /// Records since the last call whose end was replaced by their arrival.
  long takeReplaced() {
    long taken = replaced;
    replaced = 0;
    return taken;
  }
}
