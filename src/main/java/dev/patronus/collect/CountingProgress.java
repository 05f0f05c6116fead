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
/// counted. The slot is looked up on the collector's thread, with the first batch of the source.
///
/// Safe from any thread, except for the methods marked as the collector's.
public final class CountingProgress {
  private static final long LOOK_AGAIN_MILLIS = 100;
  private static final int NO_SLOT = -1;

  private final long id;
  private int slot = NO_SLOT; // the collector's
  private long before;
  private long countedHere;
  private final boolean digested;
  private long digest;
  private long waitedFor = Long.MAX_VALUE;

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

  /// The collector's.
  boolean isOpen() {
    return slot != NO_SLOT;
  }

  /// The collector's.
  int slot() {
    return slot;
  }

  /// Continues from the count of earlier runs. The collector's.
  synchronized void open(int at, long countedBefore, long digestBefore) {
    slot = at;
    before = countedBefore - countedHere;
    digest = digestBefore;
  }

  /// Extends the digest. The collector's.
  void digest(FlowRecord[] records, int count) {
    if (digested) {
      long next = digest();
      for (int i = 0; i < count; i++) {
        next = records[i].digest(next);
      }
      setDigest(next);
    }
  }

  private synchronized void setDigest(long next) {
    digest = next;
  }

  /// Over the records of all runs, once it is open; 0 where none is kept.
  synchronized long digest() {
    return digest;
  }

  /// The collector's.
  synchronized void advance(int records) {
    countedHere += records;
    if (countedHere >= waitedFor) {
      notifyAll();
    }
  }

  /// Of all runs, once it is open.
  synchronized long counted() {
    return before + countedHere;
  }

  /// Waits until so many of this run are counted, or until a collector has ended.
  synchronized void await(long records, Collector collector) {
    waitedFor = records;
    boolean interrupted = false;
    while (countedHere < records && !collector.hasEnded()) {
      try {
        wait(LOOK_AGAIN_MILLIS);
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    waitedFor = Long.MAX_VALUE;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
