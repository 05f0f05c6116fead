package dev.patronus.collect;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The byte layout of a counter file, and the checksums that detect damage.
///
/// ```
///      0  magic       what kind of file this is, of which version, in which byte order
///      8  capacity    number of slots << 32 | check of that number
///     16  identity    length, check, and from 32 on the text that names the database (UTF-8)
///   3072  use         boot (64 bits that stand for the boot it was last used in; 0: of an earlier
///                     version), closed (1: closed in order, all of it on the disk), snapshot (number
///                     of the last snapshot that was taken of the counters)
///   4096  log         commit word (number of entries; 0: none), check, sequence
///   4160              up to 128 entries of 48 bytes: slot, id, flags, packets, bytes, last seen
///  12288  slots       of 64 bytes: id, flags, packets, bytes, last seen, sequence, check, spare
///         long log    the entries of a commit of more than 128; missing in files of earlier versions
/// ```
///
/// All words are 64 bits in the machine's own byte order. A check that is stored is never 0, so
/// that zeros are never valid.
final class CounterLayout {
  static final long MAGIC = 0x5041_5452_434E_5431L;

  static final int CAPACITY_AT = 8;
  static final int IDENTITY_LENGTH_AT = 16;
  static final int IDENTITY_CHECK_AT = 24;
  static final int IDENTITY_AT = 32;
  static final int IDENTITY_MAX = 2048;
  static final int IDENTITY_AREA_BYTES = IDENTITY_AT - IDENTITY_LENGTH_AT + IDENTITY_MAX;

  static final int BOOT_AT = 3072;
  static final int CLOSED_AT = BOOT_AT + 8;
  static final int SNAPSHOT_AT = BOOT_AT + 16;

  static final int LOG_AT = 4096;
  static final int LOG_CHECK_AT = LOG_AT + 8;
  static final int LOG_SEQUENCE_AT = LOG_AT + 16;
  static final int ENTRY_WORDS = 6;

  /// The maximum number of slots that one commit changes.
  static final int COMMIT_MAX = 2048;

  private static final int ENTRIES_AT = LOG_AT + 64;
  private static final int SHORT_LOG = 128;

  static final int SLOTS_AT = 12288;
  static final int SLOT_BYTES = 64;
  static final int SLOT_SEQUENCE = 40;
  static final int SLOT_CHECK = 48;

  private static final long MULTIPLIER = 0xD6E8_FEB8_6659_FD93L;

  private CounterLayout() {}

  /// The bytes of a file with so many slots.
  static long size(int capacity) {
    return slot(capacity) + (long) COMMIT_MAX * ENTRY_WORDS * Long.BYTES;
  }

  /// Where the log has the entries of a commit.
  static long entries(int count, int capacity) {
    return count <= SHORT_LOG ? ENTRIES_AT : slot(capacity);
  }

  static long slot(int index) {
    return SLOTS_AT + (long) index * SLOT_BYTES;
  }

  static long mix(long check, long word) {
    long mixed = (check ^ word) * MULTIPLIER;
    return mixed ^ mixed >>> 32;
  }

  /// A weighted sum of six words: a change of one word always changes it, and the processor can
  /// compute the products in parallel.
  static long sum(long a, long b, long c, long d, long e, long f) {
    return a * 0x9E37_79B9_7F4A_7C15L
        + b * 0xBF58_476D_1CE4_E5B9L
        + c * 0x94D0_49BB_1331_11EBL
        + d * 0xD6E8_FEB8_6659_FD93L
        + e * 0xA24B_AED4_963E_E407L
        + f * 0x9FB2_1C65_1E98_DF25L;
  }

  /// Extends the check of the previous entries by one more.
  static long next(long check, long sum) {
    return Long.rotateLeft(check, 7) + sum;
  }

  static long seal(long check) {
    return check | 1;
  }

  /// The check of a slot whose first six words have this sum.
  static long slotCheck(long sum) {
    return seal(mix(MAGIC, sum));
  }

  static long capacityWord(int capacity) {
    return (long) capacity << 32 | (mix(MAGIC, capacity) & 0xffff_ffffL);
  }

  /// The number of slots; -1 if the word is damaged.
  static int capacity(long word) {
    int capacity = (int) (word >>> 32);
    return capacity > 0 && capacityWord(capacity) == word ? capacity : -1;
  }

  /// The bytes before the log, for a file of a database.
  static ByteBuffer header(int capacity, String identity) {
    ByteBuffer header = ByteBuffer.allocate(LOG_AT).order(ByteOrder.nativeOrder());
    header.putLong(0, MAGIC);
    header.putLong(CAPACITY_AT, capacityWord(capacity));
    header.put(IDENTITY_LENGTH_AT, identityArea(identity), 0, IDENTITY_AREA_BYTES);
    return header;
  }

  /// The bytes from [#IDENTITY_LENGTH_AT] on, for a file of a database.
  static ByteBuffer identityArea(String identity) {
    byte[] name = identity.getBytes(StandardCharsets.UTF_8);
    if (name.length > IDENTITY_MAX) {
      throw new IllegalArgumentException(
          "identity must have at most " + IDENTITY_MAX + " bytes, has " + name.length);
    }
    ByteBuffer area = ByteBuffer.allocate(IDENTITY_AREA_BYTES).order(ByteOrder.nativeOrder());
    area.putLong(0, name.length);
    area.putLong(IDENTITY_CHECK_AT - IDENTITY_LENGTH_AT, check(name));
    area.put(IDENTITY_AT - IDENTITY_LENGTH_AT, name);
    return area;
  }

  /// The identity of the database; empty if the header is missing or damaged.
  static Optional<String> identity(ByteBuffer header) {
    long length = header.getLong(IDENTITY_LENGTH_AT);
    if (header.getLong(0) != MAGIC || length < 0 || length > IDENTITY_MAX) {
      return Optional.empty();
    }
    byte[] name = new byte[(int) length];
    header.get(IDENTITY_AT, name);
    return header.getLong(IDENTITY_CHECK_AT) == check(name)
        ? Optional.of(new String(name, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  /// The problem with a header; an empty text if there is none.
  ///
  /// @param fileBytes the length of the whole file
  static String problem(ByteBuffer header, long fileBytes, String identity) {
    if (fileBytes < slot(1) || header.getLong(0) != MAGIC) {
      return "it is not a counter file of this version";
    }
    int capacity = capacity(header.getLong(CAPACITY_AT));
    if (capacity < 0 || fileBytes < slot(capacity)) {
      return "it is damaged";
    }
    Optional<String> found = identity(header);
    if (found.isEmpty()) {
      return "it is damaged";
    }
    return found.get().equals(identity) ? "" : "it belongs to another database";
  }

  private static long check(byte[] bytes) {
    long check = MAGIC;
    for (byte b : bytes) {
      check = mix(check, b);
    }
    return seal(check);
  }
}
