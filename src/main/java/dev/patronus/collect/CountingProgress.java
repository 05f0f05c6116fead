package dev.patronus.collect;

import dev.patronus.flow.FlowRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The number of counted records of one source, over all runs of the program.
///
/// The number is stored in a slot of the counter file and committed together with the volumes that
/// the records added to the policies: so a source knows after a crash which of its records were
/// counted. The slot is looked up with the first batch of the source.
///
/// Changes under the lock of the flow table that the records are counted into ([Collector]); read
/// by the thread that counts them.
public final class CountingProgress {
  private static final int NO_SLOT = -1;

  private final long id;
  private final boolean digested;
  private int slot = NO_SLOT;
  private long counted;
  private int pending;
  private long digest;

  /// The progress of a source of that name.
  public CountingProgress(String source) {
    this(source, false);
  }

  /// @param digested whether a digest over the records is kept, too
  CountingProgress(String source, boolean digested) {
    id = idOf(source);
    this.digested = digested;
  }

  /// The id of a source: 64 bits of the SHA-256 of its name.
  private static long idOf(String source) {
    try {
      byte[] name = source.getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(name)).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  long id() {
    return id;
  }

  boolean isOpen() {
    return slot != NO_SLOT;
  }

  int slot() {
    return slot;
  }

  /// Continues from the count of earlier runs.
  void open(int at, long countedBefore, long digestBefore) {
    slot = at;
    counted = countedBefore;
    digest = digestBefore;
  }

  /// Takes records that are counted with the next commit.
  void accept(FlowRecord[] records, int count) {
    if (digested) {
      for (int i = 0; i < count; i++) {
        digest = records[i].digest(digest);
      }
    }
    pending += count;
  }

  /// The number of records that are counted with the next commit.
  int pending() {
    return pending;
  }

  /// Ends a commit.
  void committed() {
    counted += pending;
    pending = 0;
  }

  /// Over the records of all runs, once it is open; 0 where none is kept.
  long digest() {
    return digest;
  }

  /// Of all runs, once it is open.
  long counted() {
    return counted;
  }
}
