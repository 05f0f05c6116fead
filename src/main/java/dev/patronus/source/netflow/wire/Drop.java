package dev.patronus.source.netflow.wire;

import java.util.Locale;

/// Why something that arrived became no flow record.
///
/// The names, in lower case, are the `reason` of the metrics; [#unit] says what is counted.
public enum Drop {
  /// It has fewer bytes than the header of its version.
  TOO_SHORT(Unit.DATAGRAM),
  /// Its version is none of NetFlow 5, 9 and IPFIX (10), or in sFlow not 5.
  UNKNOWN_VERSION(Unit.DATAGRAM),
  /// Its sender is in none of the allowed blocks.
  EXPORTER_NOT_ALLOWED(Unit.DATAGRAM),
  /// NetFlow v5: it has not the length of the records that its header counts, 1 to 30 of them.
  /// sFlow: its agent's address is of no known kind.
  CONTRADICTS_LENGTH(Unit.DATAGRAM),
  /// A defect of this program prevented its decoding; the message is in the log.
  DEFECT(Unit.DATAGRAM),

  /// Its length is below 4 or runs past the datagram; what follows it is lost too. In sFlow a set
  /// is a sample.
  MALFORMED_SET(Unit.SET),
  /// Its id belongs to no kind of set.
  RESERVED_SET(Unit.SET),
  /// Its template did not arrive in time.
  NO_TEMPLATE(Unit.SET),
  /// Its template was not refreshed for so long that it may mean something else by now.
  TEMPLATE_EXPIRED(Unit.SET),
  /// It does not fit the template that is known, and no other came.
  TEMPLATE_MISMATCH(Unit.SET),
  /// It was pending for its template, and the limit of pending sets was exceeded.
  WAITING_ROOM_FULL(Unit.SET),

  /// It has no fields, no length, a reserved id, or ends too soon.
  MALFORMED_TEMPLATE(Unit.TEMPLATE),
  /// It has more fields than we keep.
  TEMPLATE_TOO_LARGE(Unit.TEMPLATE),
  /// It was the oldest when there were too many.
  TEMPLATE_EVICTED(Unit.TEMPLATE),

  /// The set ends in the middle of it.
  TRUNCATED(Unit.RECORD),
  /// It has no IP addresses: it describes frames, events or statistics.
  NO_ADDRESSES(Unit.RECORD),
  /// It is an sFlow sample of a frame without an IP packet: ARP, spanning tree.
  NOT_IP(Unit.RECORD),
  /// It counts no packets and no bytes.
  NO_VOLUME(Unit.RECORD),
  /// Its bytes do not go with its packets, or a counter is stuck at its highest value.
  IMPLAUSIBLE_VOLUME(Unit.RECORD),
  /// Its exporter's link cannot have carried so much in so long: see the option `max-rate`.
  ABOVE_MAX_RATE(Unit.RECORD),
  /// A counter is beyond 63 bits, before or after scaling.
  COUNTER_OVERFLOW(Unit.RECORD),
  /// It was seen in the direction that was not asked for.
  OTHER_DIRECTION(Unit.RECORD),
  /// Running totals smaller than those before, in a message that was sent before theirs and came
  /// late: what it tells is counted already.
  LATE_TOTALS(Unit.RECORD),
  /// It tells no traffic that was not counted before: totals that have not grown, an event of a
  /// firewall or of address translation without traffic, or the end of a connection whose whole
  /// volume was reported before.
  NOTHING_NEW(Unit.RECORD);

  /// What is counted.
  public enum Unit {
    DATAGRAM("source_datagrams_dropped"),
    SET("source_sets_dropped"),
    TEMPLATE("source_templates_dropped"),
    RECORD("source_records_dropped");

    private final String metric;

    Unit(String metric) {
      this.metric = metric;
    }

    /// The name of the metric.
    public String metric() {
      return metric;
    }
  }

  private final Unit unit;
  private final String reason = name().toLowerCase(Locale.ROOT);

  Drop(Unit unit) {
    this.unit = unit;
  }

  public Unit unit() {
    return unit;
  }

  /// Whether traffic may be missing for it: what was not asked for, or is counted already, is not.
  public boolean loses() {
    return switch (this) {
      case OTHER_DIRECTION, LATE_TOTALS, NOTHING_NEW, NOT_IP, EXPORTER_NOT_ALLOWED -> false;
      case TOO_SHORT,
          UNKNOWN_VERSION,
          CONTRADICTS_LENGTH,
          DEFECT,
          MALFORMED_SET,
          RESERVED_SET,
          NO_TEMPLATE,
          TEMPLATE_EXPIRED,
          TEMPLATE_MISMATCH,
          WAITING_ROOM_FULL,
          MALFORMED_TEMPLATE,
          TEMPLATE_TOO_LARGE,
          TEMPLATE_EVICTED,
          TRUNCATED,
          NO_ADDRESSES,
          NO_VOLUME,
          IMPLAUSIBLE_VOLUME,
          ABOVE_MAX_RATE,
          COUNTER_OVERFLOW ->
          true;
    };
  }

  /// The label of the metrics: `no_template`.
  public String reason() {
    return reason;
  }
}
