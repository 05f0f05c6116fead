package dev.patronus.source.conntrack;

/// One message of the kernel.
///
/// Immutable.
sealed interface ConntrackMessage {
  /// An entry as it is at this moment: a line of a dump, or a new one.
  record Present(ConntrackEntry entry) implements ConntrackMessage {}

  /// An entry as it was at its end.
  record Destroyed(ConntrackEntry entry) implements ConntrackMessage {}

  /// The end of a dump.
  ///
  /// @param errno why it ended before it was whole; 0 if it is whole
  record Done(int errno) implements ConntrackMessage {}

  /// The answer to a request: refused, for this reason; 0 means that it was granted.
  record Answer(int errno) implements ConntrackMessage {}

  /// A message of another kind, or an entry of a protocol without a flow.
  record Other() implements ConntrackMessage {}

  /// A message that cannot be read.
  record Malformed() implements ConntrackMessage {}
}
