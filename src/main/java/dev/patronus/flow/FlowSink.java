package dev.patronus.flow;

/// The slot that a source drops records into.
///
/// Safe from any thread, one source a thread. A record that was accepted is counted or its loss is
/// counted: it never vanishes.
@FunctionalInterface
public interface FlowSink {
  /// Takes one observation. May wait for room; returns at once where there is some.
  void accept(FlowRecord record);

  /// Flushes the staged records. A source calls it when it has nothing more to give for the moment:
  /// after a datagram, at the end of a batch.
  default void flush() {}

  /// How many records of the source were counted for good until now, those of earlier runs of the
  /// program included: a record and this number outlive the process together or not at all. They
  /// are counted in the order in which they were accepted. Always 0 of a sink that keeps nothing.
  default long counted() {
    return 0;
  }

  /// A digest over the records that [#counted] has, for the sink of an [#input]; else 0.
  default long digest() {
    return 0;
  }

  /// The sink of one input of the source, as a file of many: its records are counted apart from
  /// those of others ([#counted]), and a digest is kept over them. A sink that keeps nothing gives
  /// itself.
  ///
  /// @param name of the input, the same in each run of the program
  default FlowSink input(String name) {
    return this;
  }

  /// Lets [#counted] and [#digest] begin from 0 again.
  default void restart() {}

  /// Hands on what is staged, and waits until all that was accepted is counted, or cannot be any
  /// more.
  default void settle() {
    flush();
  }
}
