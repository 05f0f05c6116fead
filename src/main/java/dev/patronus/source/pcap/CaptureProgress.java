package dev.patronus.source.pcap;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import org.jspecify.annotations.Nullable;

/// The progress of earlier runs on a capture file: skips the records that were counted, and
/// delivers the others.
///
/// The name of the progress is the file's path with the time of its first packet, so that a file
/// that takes the place of another one begins from 0. What was counted is known by the number of
/// its records and a digest over them, which are committed together with the counters; a file that
/// does not begin with these records is another one, and is counted from its beginning ([Other]).
/// So neither numbers of device and inode nor the length tell: a file may grow, be copied back, or
/// be compressed.
///
/// A file that ends before that many records has nothing that is new. Confined to the source's
/// thread.
final class CaptureProgress implements PacketSink {
  /// The file does not begin with what was counted.
  static final class Other extends RuntimeException {
    private static final long serialVersionUID = 1;

    Other() {
      super("another capture", null, false, false);
    }
  }

  private final String file;
  private final FlowSink source;
  private @Nullable FlowSink sink;
  private long counted;
  private long countedDigest;
  private long skipped;
  private long digest;

  /// @param file names the capture; empty for a stream, which has no progress
  CaptureProgress(String file, FlowSink source) {
    this.file = file;
    this.source = source;
    if (file.isEmpty()) {
      sink = source;
    }
  }

  /// Delivers a record, or skips it.
  ///
  /// @throws Other if the file turns out not to be the one that was counted; its records are
  ///   counted from the beginning when it is read again
  @Override
  public boolean accept(FlowRecord record, long millis) {
    FlowSink to = sink == null ? open(millis) : sink;
    if (skipped == counted) {
      to.accept(record);
      return true;
    }
    digest = record.digest(digest);
    skipped++;
    if (skipped == counted && digest != countedDigest) {
      to.restart();
      throw new Other();
    }
    return false;
  }

  private FlowSink open(long millis) {
    FlowSink opened = source.input(file + " " + millis);
    counted = opened.counted();
    countedDigest = opened.digest();
    sink = opened;
    return opened;
  }

  /// The number of records that were skipped because an earlier run has counted them.
  long skipped() {
    return skipped;
  }

  @Override
  public void flush() {
    if (sink != null) {
      sink.flush();
    }
  }
}
