package dev.patronus.source.pcap;

import dev.patronus.flow.FlowRecord;

/// Takes the packets of one capture.
///
/// Confined to the source's thread.
interface PacketSink {
  /// Takes a packet.
  ///
  /// @param record with a time that can be true
  /// @param millis when it was captured, as the capture has it
  /// @return whether it was handed on; false if an earlier run has counted it
  boolean accept(FlowRecord record, long millis);

  /// Flushes what is staged.
  void flush();
}
