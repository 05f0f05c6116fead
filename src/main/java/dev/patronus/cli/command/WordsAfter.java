package dev.patronus.cli.command;

import dev.patronus.cli.command.Command.Completes;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// The words of a small language, with what is completed behind some of them instead.
///
/// Immutable.
///
/// @param after what follows these words
public record WordsAfter(List<String> words, Map<String, Completes> after)
    implements Iterable<String> {
  public WordsAfter {
    words = List.copyOf(words);
    after = Map.copyOf(after);
  }

  @Override
  public Iterator<String> iterator() {
    return words.iterator();
  }
}
