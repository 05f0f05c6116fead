package dev.patronus.source.netflow.template;

import dev.patronus.source.netflow.wire.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The offsets of a record's elements, compiled once from its template.
///
/// ```
/// template   IE 8/4  IE 12/4  IE 1/8  IE 999/3  IE 7/2  IE 11/2 ...
/// record     src     dst      bytes   ...       sport   dport
/// at[slot]   0       4        8       (none)    19      21
/// ```
///
/// Of an element that a template has twice the first counts (RFC 7011 §8). A field whose length
/// does not suit its element is skipped, as are unknown ones. Fields of variable length (RFC 7011
/// §7) shift what follows: then [#locate] computes the offsets for each record. Immutable.
public final class Layout {
  /// The counters that belong together, in order of evaluation: bytes and packets of the record's
  /// own way, then those of the reverse way. Out of several the first that is not zero in a record
  /// counts; they are never added.
  private static final int[][] DELTAS = {
    {FieldIndex.BYTES, FieldIndex.PACKETS, FieldIndex.REVERSE_BYTES, FieldIndex.REVERSE_PACKETS},
    {
      FieldIndex.BYTES_OUT,
      FieldIndex.PACKETS_OUT,
      FieldIndex.REVERSE_BYTES,
      FieldIndex.REVERSE_PACKETS
    },
    {
      FieldIndex.INITIATOR_BYTES,
      FieldIndex.INITIATOR_PACKETS,
      FieldIndex.RESPONDER_BYTES,
      FieldIndex.RESPONDER_PACKETS
    },
  };

  /// Running totals, which only count where there are no deltas.
  private static final int[] TOTALS = {
    FieldIndex.BYTES_TOTAL,
    FieldIndex.PACKETS_TOTAL,
    FieldIndex.REVERSE_BYTES_TOTAL,
    FieldIndex.REVERSE_PACKETS_TOTAL
  };

  private static final int[] END =
      firstOf(
          FieldIndex.END_MILLIS,
          FieldIndex.END_UPTIME,
          FieldIndex.END_MICROS,
          FieldIndex.END_NANOS,
          FieldIndex.END_DELTA,
          FieldIndex.END_SECONDS);
  private static final int[] START =
      firstOf(
          FieldIndex.START_MILLIS,
          FieldIndex.START_UPTIME,
          FieldIndex.START_MICROS,
          FieldIndex.START_NANOS,
          FieldIndex.START_DELTA,
          FieldIndex.START_SECONDS);

  /// NetFlow v5's record, the template that everybody knows. Made after the orders above, which it
  /// needs.
  public static final Layout V5 =
      new Layout(
          List.of(
              new TemplateField(8, 0, 4),
              new TemplateField(12, 0, 4),
              new TemplateField(0, 0, 8), // next hop, interfaces
              new TemplateField(2, 0, 4),
              new TemplateField(1, 0, 4),
              new TemplateField(22, 0, 4),
              new TemplateField(21, 0, 4),
              new TemplateField(7, 0, 2),
              new TemplateField(11, 0, 2),
              new TemplateField(0, 0, 2), // padding, TCP flags
              new TemplateField(4, 0, 1),
              new TemplateField(0, 0, 9))); // type of service, autonomous systems, masks, padding

  /// Bytes from the record's start, by slot; meaningless where [#present] has no bit. Not to be
  /// written to.
  public final int[] at = new int[FieldIndex.COUNT];

  /// Bytes of the field, by slot. Not to be written to.
  public final int[] length = new int[FieldIndex.COUNT];

  /// One bit for each slot that the record has.
  public final long present;

  /// Bytes of a record; of one with variable fields, the least it can have.
  public final int recordLength;

  /// Whether records differ in length.
  public final boolean variable;

  /// The slots of the counters to use, [FieldIndex#NONE] where there is none: those of one index
  /// belong together. Not to be written to.
  public final int[] bytes;

  public final int[] packets;
  public final int[] reverseBytes;
  public final int[] reversePackets;

  /// Whether any of the counters is of the reverse way.
  public final boolean biflow;

  /// Whether a record tells of an event of address translation, and has no counters.
  public final boolean natEvent;

  /// Whether a record has the beginning of a sampled packet in place of counters.
  public final boolean sampledPacket;

  /// The slots of the times to use, [FieldIndex#NONE] if there are none.
  public final int start;

  public final int end;

  private final int[] fieldSlots;
  private final int[] fieldLengths;

  Layout(List<TemplateField> fields) {
    fieldSlots = new int[fields.size()];
    fieldLengths = new int[fields.size()];
    long standard = standard(fields);
    long seen = 0;
    int offset = 0;
    boolean shifting = false;
    for (int i = 0; i < fields.size(); i++) {
      TemplateField field = fields.get(i);
      int slot = slot(field, seen, standard);
      fieldSlots[i] = slot;
      fieldLengths[i] = field.length();
      if (slot != FieldIndex.NONE) {
        seen |= 1L << slot;
        at[slot] = offset;
        length[slot] = field.length();
      }
      shifting |= field.length() == TemplateField.VARIABLE;
      offset += field.length() == TemplateField.VARIABLE ? 1 : field.length();
    }
    present = seen;
    recordLength = offset;
    variable = shifting;
    List<int[]> counters = counters();
    bytes = column(counters, 0);
    packets = column(counters, 1);
    reverseBytes = column(counters, 2);
    reversePackets = column(counters, 3);
    biflow =
        counters.stream()
            .anyMatch(each -> each[2] != FieldIndex.NONE || each[3] != FieldIndex.NONE);
    natEvent = has(FieldIndex.NAT_EVENT) && counters.isEmpty();
    boolean section = has(FieldIndex.FRAME) || has(FieldIndex.IP_PACKET);
    sampledPacket =
        section && (counters.isEmpty() || !(has(FieldIndex.SRC_V4) || has(FieldIndex.SRC_V6)));
    start = first(START);
    end = first(END);
  }

  /// The same record with what is not read joined: of neighbours of fixed length one field is made.
  /// Two templates of which the same fields are read become equal by it, and one of hundreds of
  /// fields that are not read becomes short.
  static List<TemplateField> joined(List<TemplateField> fields) {
    List<TemplateField> joined = new ArrayList<>();
    long standard = standard(fields);
    long seen = 0;
    int skipped = 0;
    for (TemplateField field : fields) {
      int slot = slot(field, seen, standard);
      boolean variable = field.length() == TemplateField.VARIABLE;
      boolean skip = slot == FieldIndex.NONE && !variable;
      if (skipped > 0 && (!skip || skipped + field.length() >= TemplateField.VARIABLE)) {
        joined.add(TemplateField.skipped(skipped));
        skipped = 0;
      }
      if (skip) {
        skipped += field.length();
      } else if (slot == FieldIndex.NONE) {
        joined.add(TemplateField.SKIPPED_VARIABLE);
      } else {
        seen |= 1L << slot;
        joined.add(field);
      }
    }
    if (skipped > 0) {
      joined.add(TemplateField.skipped(skipped));
    }
    return joined;
  }

  /// One bit for each slot for which there is a field that is no stand-in.
  private static long standard(List<TemplateField> fields) {
    long standard = 0;
    for (TemplateField field : fields) {
      int slot = FieldIndex.of(field.enterprise(), field.element());
      if (slot != FieldIndex.NONE
          && FieldIndex.fits(slot, field.length())
          && !FieldIndex.isStandIn(field.enterprise(), field.element())) {
        standard |= 1L << slot;
      }
    }
    return standard;
  }

  private static int slot(TemplateField field, long seen, long standard) {
    int slot = FieldIndex.of(field.enterprise(), field.element());
    if (slot == FieldIndex.NONE
        || !FieldIndex.fits(slot, field.length())
        || (seen & 1L << slot) != 0) {
      return FieldIndex.NONE;
    }
    boolean standIn = FieldIndex.isStandIn(field.enterprise(), field.element());
    return standIn && (standard & 1L << slot) != 0 ? FieldIndex.NONE : slot;
  }

  private static int[] column(List<int[]> counters, int column) {
    return counters.stream().mapToInt(each -> each[column]).toArray();
  }

  private List<int[]> counters() {
    List<int[]> found = new ArrayList<>();
    for (int[] candidate : DELTAS) {
      addIfThere(found, candidate);
    }
    if (found.stream().anyMatch(Layout::isPair)) {
      return found;
    }
    List<int[]> deltas = List.copyOf(found);
    addIfThere(found, TOTALS);
    int[] mixed = firstOfEach(found);
    if (!deltas.isEmpty() && isPair(mixed) && !isPair(found.getLast())) {
      return List.of(mixed); // bytes of one kind and packets of another are all that there is
    }
    return deltas.isEmpty() ? found : deltas; // no total beside a delta
  }

  private void addIfThere(List<int[]> found, int[] candidate) {
    int[] there = new int[candidate.length];
    for (int i = 0; i < there.length; i++) {
      there[i] = has(candidate[i]) ? candidate[i] : FieldIndex.NONE;
    }
    if (candidate[0] == FieldIndex.INITIATOR_BYTES) {
      // the responder's counters are separate from the initiator's, or have another meaning
      there[2] = there[0] == FieldIndex.NONE ? FieldIndex.NONE : there[2];
      there[3] = there[1] == FieldIndex.NONE ? FieldIndex.NONE : there[3];
    }
    boolean own = there[0] != FieldIndex.NONE || there[1] != FieldIndex.NONE;
    boolean reverse = there[2] != FieldIndex.NONE || there[3] != FieldIndex.NONE;
    if (own || (reverse && candidate[0] != FieldIndex.BYTES_OUT)) {
      found.add(there);
    }
  }

  private static boolean isPair(int[] counters) {
    return counters[0] != FieldIndex.NONE && counters[1] != FieldIndex.NONE;
  }

  private static int[] firstOfEach(List<int[]> counters) {
    int[] first = new int[4];
    for (int i = 0; i < first.length; i++) {
      int column = i;
      first[i] =
          counters.stream()
              .mapToInt(each -> each[column])
              .filter(slot -> slot != FieldIndex.NONE)
              .findFirst()
              .orElse(FieldIndex.NONE);
    }
    return first;
  }

  private static int[] firstOf(int... slots) {
    return slots;
  }

  private int first(int[] candidates) {
    return Arrays.stream(candidates).filter(this::has).findFirst().orElse(FieldIndex.NONE);
  }

  public boolean has(int slot) {
    return (present & 1L << slot) != 0;
  }

  /// Finds the places of a record with variable fields.
  ///
  /// @param places receives, by slot, the index in `datagram`
  /// @param sizes receives, by slot, the bytes of the field
  /// @return where the record ends, or -1 if it runs past `end`
  public int locate(byte[] datagram, int from, int end, int[] places, int[] sizes) {
    int offset = from;
    for (int i = 0; i < fieldLengths.length; i++) {
      int size = fieldLengths[i];
      if (size == TemplateField.VARIABLE) {
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
      }
      if (fieldSlots[i] != FieldIndex.NONE) {
        places[fieldSlots[i]] = offset;
        sizes[fieldSlots[i]] = size;
      }
      offset += size;
      if (offset > end) {
        return -1;
      }
    }
    return offset;
  }
}
