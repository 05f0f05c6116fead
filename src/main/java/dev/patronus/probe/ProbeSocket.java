package dev.patronus.probe;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.OptionalInt;

/// Sends numbered requests to one host and receives its replies.
///
/// For one thread.
public sealed interface ProbeSocket extends AutoCloseable permits IcmpProbe, UdpProbe {

  /// The address that requests leave from.
  InetAddress source() throws IOException;

  /// Sends the request of this number.
  ///
  /// @throws IOException if the kernel refuses, or has an error to report for an earlier one
  void send(int sequence) throws IOException;

  /// Waits for a reply, at most so long.
  ///
  /// @return the number of the request that it answers; empty if none came, or something else
  /// @throws IOException if an error came instead, such as that the host is unreachable
  OptionalInt receive(Duration atMost) throws IOException;

  /// A socket of the same kind to this machine itself; the caller closes it.
  ProbeSocket loopback() throws IOException;

  @Override
  void close() throws IOException;
}
