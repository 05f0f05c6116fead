package dev.patronus.source.pcap;

import dev.patronus.flow.FlowRecord;

/// Hands the packets of a capture on to the history of their own time.
///
/// Confined to the source's thread.
final class HistorySink implements PacketSink {
  private final CaptureHistory.Capture capture;

  HistorySink(CaptureHistory.Capture capture) {
    this.capture = capture;
  }

  @Override
  public boolean accept(FlowRecord record, long millis) {
    if (millis != record.startMillis()) {
      throw new CaptureHistory.Refused(
          millis == CaptureFormat.NO_TIME
              ? "a packet has no time; without '?time=capture' the capture counts now"
              : "a packet is of the future, or from before 1970; correct the capture's times"
                  + " ('editcap -t SECONDS FILE NEW'), or the clock of this machine");
    }
    capture.accept(record);
    return true;
  }

  @Override
  public void flush() {}
}
