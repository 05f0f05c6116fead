package dev.patronus.flow;

/// The slot that a source drops records into.
///
/// Safe from any thread, one source a thread. A record that was accepted is counted or its loss is
/// counted: it never vanishes.
@FunctionalInterface
public interface FlowSink {
  /// Takes one observation. May wait for room; returns at once where there is some.
  void accept(FlowRecord record);

  /// Hands on what is staged. A source calls it when it has nothing more to give for the moment:
  /// after a datagram, at the end of a batch.
  default void flush() {}
}
