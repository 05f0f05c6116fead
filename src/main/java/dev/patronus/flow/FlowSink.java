package dev.patronus.flow;

/// Takes the records of a source.
///
/// For one thread at a time. A record that was accepted is counted or its loss is counted.
@FunctionalInterface
public interface FlowSink {
  /// Takes one observation. May count those that are staged, and wait for a turn.
  void accept(FlowRecord record);

  /// Counts the staged records. A source calls it when it has nothing more to give for the moment:
  /// when a socket is empty, at the end of a batch.
  default void flush() {}

  /// How many records of the source were counted until now, those of earlier runs of the program
  /// included: a record and this number survive the process together or not at all. They are
  /// counted in the order in which they were accepted. Always 0 of a sink that keeps nothing.
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
}
