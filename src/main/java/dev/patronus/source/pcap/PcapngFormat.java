package dev.patronus.source.pcap;

import dev.patronus.source.EndedEarly;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// The format of Wireshark: blocks, each with its length at both ends.
///
/// ```text
/// block              type u32 | length u32 | body | length u32, the same
/// section header     0A0D0D0A | byte-order magic u32 | version u16 u16 | section length u64
/// interface     (1)  link type u16 | reserved u16 | snap length u32 | options
/// enhanced      (6)  interface u32 | time u32 u32 | captured u32 | on the wire u32 | packet
/// simple        (3)  on the wire u32 | packet
/// packet        (2)  interface u16 | drops u16 | time u32 u32 | captured u32 | wire u32 | packet
/// statistics    (5)  interface u32 | time u32 u32 | options
/// ```
///
/// A new section has its own byte order and interfaces. Blocks of other types are passed over.
/// Source: draft-ietf-opsawg-pcapng; the packet block (2) is of its older drafts.
final class PcapngFormat implements CaptureFormat {
  /// The type of a section header: the same in both byte orders.
  static final int SECTION = 0x0a0d0d0a;

  /// The most interfaces of one section.
  static final int INTERFACE_LIMIT = 65_536;

  private static final int INTERFACE = 1;
  private static final int OLD_PACKET = 2;
  private static final int SIMPLE_PACKET = 3;
  private static final int STATISTICS = 5;
  private static final int ENHANCED_PACKET = 6;

  private static final int MAGIC = 0x1a2b3c4d;
  private static final int BODY = 8;
  private static final int TRAILER = 4;
  private static final int OPTION_DROPPED = 5;
  private static final int UNKNOWN_DROPS = 0xffff;

  private final List<CaptureInterface> interfaces = new ArrayList<>();
  private long blocks;

  @Override
  public boolean next(CaptureInput input, Packets to) throws IOException {
    if (!input.has(BODY + TRAILER)) {
      return ended(input);
    }
    if (input.int32(0) == SECTION) {
      orient(input);
    }
    int length = length(input);
    if (!input.has(length)) {
      throw new EndedEarly("cut off " + where(input));
    }
    if (input.int32(length - TRAILER) != length) {
      throw damaged(input, "its two lengths differ");
    }
    block(input, length, to);
    input.take(length);
    blocks++;
    return true;
  }

  private boolean ended(CaptureInput input) throws EndedEarly {
    if (input.atHand() > 0) {
      throw new EndedEarly("cut off " + where(input));
    }
    return false;
  }

  /// The byte order of a section is that of the magic number in its header.
  private void orient(CaptureInput input) throws EndedEarly {
    input.order(ByteOrder.BIG_ENDIAN);
    int magic = input.int32(8);
    if (magic == Integer.reverseBytes(MAGIC)) {
      input.order(ByteOrder.LITTLE_ENDIAN);
    } else if (magic != MAGIC) {
      throw damaged(input, "its section has no byte order");
    }
  }

  private int length(CaptureInput input) throws EndedEarly {
    long length = input.uint32(4);
    if (length < BODY + TRAILER || length > CaptureInput.LIMIT || length % 4 != 0) {
      throw damaged(input, "it claims a length of " + length);
    }
    return (int) length;
  }

  private void block(CaptureInput input, int length, Packets to) throws EndedEarly {
    int end = length - TRAILER;
    switch (input.int32(0)) {
      case SECTION -> section(input, end);
      case INTERFACE -> describe(input, end);
      case ENHANCED_PACKET -> enhanced(input, end, to);
      case OLD_PACKET -> old(input, end, to);
      case SIMPLE_PACKET -> simple(input, end, to);
      case STATISTICS -> statistics(input, end, to);
      default -> {} // names, decryption secrets, comments of others
    }
  }

  private void section(CaptureInput input, int end) throws EndedEarly {
    if (end < 24) {
      throw damaged(input, "its section header is too short");
    }
    if (input.uint16(12) != 1) {
      throw damaged(input, "its section is of version " + input.uint16(12) + ", not 1");
    }
    interfaces.clear();
  }

  private void describe(CaptureInput input, int end) throws EndedEarly {
    if (end < 16 || interfaces.size() == INTERFACE_LIMIT) {
      throw damaged(input, end < 16 ? "its interface is too short" : "it has too many interfaces");
    }
    interfaces.add(CaptureInterface.read(input, end));
  }

  private void enhanced(CaptureInput input, int end, Packets to) {
    if (end < 28) {
      to.unusable(Skipped.DAMAGED_BLOCK);
      return;
    }
    packet(input, input.uint32(8), 12, end, to);
  }

  private void old(CaptureInput input, int end, Packets to) {
    if (end < 28) {
      to.unusable(Skipped.DAMAGED_BLOCK);
      return;
    }
    int drops = input.uint16(10);
    if (drops != UNKNOWN_DROPS && drops > 0) {
      to.lost(drops);
    }
    packet(input, input.uint16(8), 12, end, to);
  }

  /// The part that both packet blocks share, from the time on.
  private void packet(CaptureInput input, long id, int at, int end, Packets to) {
    long captured = input.uint32(at + 8);
    int data = at + 16;
    if (captured > end - data) {
      to.unusable(Skipped.DAMAGED_BLOCK);
    } else if (id >= interfaces.size()) {
      to.unusable(Skipped.UNKNOWN_INTERFACE);
    } else {
      CaptureInterface on = interfaces.get((int) id);
      long millis = on.millis(input.uint32(at) << 32 | input.uint32(at + 4));
      hand(input, on, data, (int) captured, input.uint32(at + 12), millis, to);
    }
  }

  /// A simple packet is of the first interface and was captured as far as that one's snap length.
  private void simple(CaptureInput input, int end, Packets to) {
    int data = BODY + 4;
    if (end < data) {
      to.unusable(Skipped.DAMAGED_BLOCK);
    } else if (interfaces.isEmpty()) {
      to.unusable(Skipped.UNKNOWN_INTERFACE);
    } else {
      CaptureInterface first = interfaces.getFirst();
      long wireBytes = input.uint32(BODY);
      long captured = Math.min(Math.min(wireBytes, first.snapLength()), end - data);
      hand(input, first, data, (int) captured, wireBytes, NO_TIME, to);
    }
  }

  private static void hand(
      CaptureInput input,
      CaptureInterface on,
      int data,
      int captured,
      long wireBytes,
      long millis,
      Packets to) {
    if (on.link().isEmpty()) {
      to.unusable(Skipped.LINK_TYPE);
    } else {
      int at = input.index(data);
      to.packet(on.link().get(), input.network(), at, captured, wireBytes, millis);
    }
  }

  /// Statistics are totals since the capture began; the last ones of an interface hold.
  private void statistics(CaptureInput input, int end, Packets to) {
    if (end < 20 || input.uint32(8) >= interfaces.size()) {
      return;
    }
    int at = Options.find(input, 20, end, OPTION_DROPPED, 8);
    if (at >= 0) {
      long more = interfaces.get((int) input.uint32(8)).dropsSince(input.int64(at));
      if (more > 0) {
        to.lost(more);
      }
    }
  }

  private EndedEarly damaged(CaptureInput input, String why) {
    return new EndedEarly("damaged " + where(input) + ": " + why);
  }

  private String where(CaptureInput input) {
    return "in block " + (blocks + 1) + ", at byte " + input.taken();
  }

  /// The options at the end of a block: `code u16 | length u16 | value`, padded to 32 bits.
  static final class Options {
    private Options() {}

    /// Where the value of the first such option begins; -1 if there is none of at least that
    /// length.
    static int find(CaptureInput input, int at, int end, int code, int length) {
      int next = at;
      while (next + 4 <= end && input.uint16(next) != 0) {
        int has = input.uint16(next + 2);
        if (input.uint16(next) == code && has >= length && next + 4 + has <= end) {
          return next + 4;
        }
        next += 4 + (has + 3 & ~3);
      }
      return -1;
    }
  }
}
