package dev.patronus.source.pcap;

import static java.util.Objects.requireNonNull;

import dev.patronus.flow.FlowRecord;
import java.util.function.BooleanSupplier;

/// Counts captures into the history of their own time.
///
/// Safe from any thread.
public interface CaptureHistory {
  /// Begins to count a capture.
  ///
  /// @param name of its source
  Capture begin(String name);

  /// One capture that is being counted. Nothing of it is in the history before [#finish].
  ///
  /// Confined to the source's thread, which closes it.
  interface Capture extends AutoCloseable {
    /// Takes the next packet.
    ///
    /// @param record with the time of the capture
    /// @throws Refused if the capture cannot be counted
    void accept(FlowRecord record);

    /// Brings what was taken into the history, a long capture piece by piece, after waiting for a
    /// database that is busy.
    ///
    /// @param wanted false once the source is closed: then nothing more is counted
    /// @return what a person should know: that an earlier run has counted it; mostly what was
    ///   counted
    /// @throws Refused if the capture cannot be counted; then nothing of it was, or the message
    ///   says until when
    String finish(BooleanSupplier wanted) throws InterruptedException;

    @Override
    void close();
  }

  /// A capture cannot be counted into the history. The message says why and what to do.
  final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Refused(String message) {
      super(message, null, false, false);
    }

    @Override
    public String getMessage() {
      return requireNonNull(super.getMessage());
    }
  }
}
