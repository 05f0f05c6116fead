package dev.patronus.source.netflow;

import java.util.Arrays;
import java.util.List;

/// Where in a record each element lies: a template, compiled once into a flat plan.
///
/// ```
/// template   IE 8/4  IE 12/4  IE 1/8  IE 999/3  IE 7/2  IE 11/2 ...
/// record     src     dst      bytes   ...       sport   dport
/// at[slot]   0       4        8       (none)    19      21
/// ```
///
/// Of an element that a template has twice the first counts (RFC 7011 §8). A field whose length
/// does not suit its element is skipped, as are unknown ones. Fields of variable length (RFC 7011
/// §7) shift what follows: then [#locate] finds the places anew for each record. Immutable.
final class Layout {
  private static final int[] BYTES =
      firstOf(Slot.BYTES, Slot.INITIATOR_BYTES, Slot.BYTES_TOTAL, Slot.BYTES_OUT);
  private static final int[] PACKETS =
      firstOf(Slot.PACKETS, Slot.INITIATOR_PACKETS, Slot.PACKETS_TOTAL, Slot.PACKETS_OUT);
  private static final int[] REVERSE_BYTES =
      firstOf(Slot.REVERSE_BYTES, Slot.RESPONDER_BYTES, Slot.REVERSE_BYTES_TOTAL);
  private static final int[] REVERSE_PACKETS =
      firstOf(Slot.REVERSE_PACKETS, Slot.RESPONDER_PACKETS, Slot.REVERSE_PACKETS_TOTAL);
  private static final int[] END =
      firstOf(
          Slot.END_MILLIS,
          Slot.END_UPTIME,
          Slot.END_MICROS,
          Slot.END_NANOS,
          Slot.END_DELTA,
          Slot.END_SECONDS);
  private static final int[] START =
      firstOf(
          Slot.START_MILLIS,
          Slot.START_UPTIME,
          Slot.START_MICROS,
          Slot.START_NANOS,
          Slot.START_DELTA,
          Slot.START_SECONDS);

  /// NetFlow v5's record, the template that everybody knows. Made after the orders above, which it
  /// needs.
  static final Layout V5 =
      new Layout(
          List.of(
              new Field(8, 0, 4),
              new Field(12, 0, 4),
              new Field(0, 0, 8), // next hop, interfaces
              new Field(2, 0, 4),
              new Field(1, 0, 4),
              new Field(22, 0, 4),
              new Field(21, 0, 4),
              new Field(7, 0, 2),
              new Field(11, 0, 2),
              new Field(0, 0, 2), // padding, TCP flags
              new Field(4, 0, 1),
              new Field(0, 0, 9))); // type of service, autonomous systems, masks, padding

  /// Bytes from the record's start, by slot; meaningless where [#present] has no bit. Not to be
  /// written to.
  final int[] at = new int[Slot.COUNT];

  /// Bytes of the field, by slot. Not to be written to.
  final int[] length = new int[Slot.COUNT];

  /// One bit for each slot that the record has.
  final long present;

  /// Bytes of a record; of one with variable fields, the least it can have.
  final int recordLength;

  /// Whether records differ in length.
  final boolean variable;

  /// The slots of the counters and times to use, [Slot#NONE] if there are none. Deltas go before
  /// totals, and what came in goes before what went out: they are never added.
  final int bytes;

  final int packets;
  final int reverseBytes;
  final int reversePackets;
  final int start;
  final int end;

  private final int[] fieldSlots;
  private final int[] fieldLengths;

  Layout(List<Field> fields) {
    fieldSlots = new int[fields.size()];
    fieldLengths = new int[fields.size()];
    long seen = 0;
    int offset = 0;
    boolean shifting = false;
    for (int i = 0; i < fields.size(); i++) {
      Field field = fields.get(i);
      int slot = slot(field, seen);
      fieldSlots[i] = slot;
      fieldLengths[i] = field.length();
      if (slot != Slot.NONE) {
        seen |= 1L << slot;
        at[slot] = offset;
        length[slot] = field.length();
      }
      shifting |= field.length() == Field.VARIABLE;
      offset += field.length() == Field.VARIABLE ? 1 : field.length();
    }
    present = seen;
    recordLength = offset;
    variable = shifting;
    bytes = first(BYTES);
    packets = first(PACKETS);
    reverseBytes = first(REVERSE_BYTES);
    reversePackets = first(REVERSE_PACKETS);
    start = first(START);
    end = first(END);
  }

  private static int slot(Field field, long seen) {
    int slot = Slot.of(field.enterprise(), field.element());
    boolean usable =
        slot != Slot.NONE && Slot.fits(slot, field.length()) && (seen & 1L << slot) == 0;
    return usable ? slot : Slot.NONE;
  }

  private static int[] firstOf(int... slots) {
    return slots;
  }

  private int first(int... candidates) {
    return Arrays.stream(candidates).filter(this::has).findFirst().orElse(Slot.NONE);
  }

  boolean has(int slot) {
    return (present & 1L << slot) != 0;
  }

  /// Finds the places of a record with variable fields.
  ///
  /// @param places receives, by slot, the index in `datagram`
  /// @return where the record ends, or -1 if it runs past `end`
  int locate(byte[] datagram, int from, int end, int[] places) {
    int offset = from;
    for (int i = 0; i < fieldLengths.length; i++) {
      int size = fieldLengths[i];
      if (size == Field.VARIABLE) {
        if (offset >= end) {
          return -1;
        }
        size = Wire.u8(datagram, offset++);
        if (size == 255) {
          if (offset + 2 > end) {
            return -1;
          }
          size = Wire.u16(datagram, offset);
          offset += 2;
        }
      } else if (fieldSlots[i] != Slot.NONE) {
        places[fieldSlots[i]] = offset;
      }
      offset += size;
      if (offset > end) {
        return -1;
      }
    }
    return offset;
  }
}
