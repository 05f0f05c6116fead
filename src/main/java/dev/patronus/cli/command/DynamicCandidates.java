package dev.patronus.cli.command;

import dev.patronus.cli.command.Command.Completes;
import java.util.Collections;
import java.util.Iterator;

/// Stands in the model where values are completed from the database while they are typed.
///
/// Holds no values itself: who completes asks for [#completes()] and looks them up.
public record DynamicCandidates(Completes completes) implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return Collections.emptyIterator();
  }
}
