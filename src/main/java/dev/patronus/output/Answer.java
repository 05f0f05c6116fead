package dev.patronus.output;

import dev.patronus.error.ExitCode;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Heading;
import dev.patronus.output.table.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a command answers: members of the document, tables of rows, facts, and sentences for
/// people.
///
/// Confined to the command's thread. The order in which parts are added is the order in which they
/// are shown.
public final class Answer {

  /// A part of an answer.
  public sealed interface Part permits Member, Rows, Facts, Sentence, Note, Block {}

  /// A member of the JSON document that people do not see; sentences tell them. Its value is of a
  /// kind that a [Column] gives, or a [Map] of those.
  public record Member(String name, @Nullable Object value) implements Part {}

  /// A table. NDJSON and CSV show the first table or the first [Facts], whichever comes first.
  public record Rows(Table<?> table) implements Part {}

  /// One thing with its properties: an object in JSON, a block of lines for people.
  public record Facts(String name, String title, Map<Heading, @Nullable Object> values)
      implements Part {
    public Facts {
      values = new LinkedHashMap<>(values);
    }
  }

  /// A sentence for people alone, broken before the screen's edge; after blanks or a dash at its
  /// beginning, further lines are indented as much.
  public record Sentence(String text) implements Part {}

  /// A sentence for people that only informs, and that `--quiet` leaves out: where rows come from,
  /// or that there are none.
  public record Note(String text) implements Part {}

  /// Lines for people alone that are laid out for the screen already, and may have colour. What
  /// comes from the database has been made
  /// [visible][HumanFormat#visible][dev.patronus.output.text.HumanFormat#visible].
  public record Block(String text) implements Part {}

  private final List<Part> parts = new ArrayList<>();
  private ExitCode exitCode = ExitCode.DONE;
  private boolean report;

  /// Adds a member of the JSON document.
  public Answer member(String name, @Nullable Object value) {
    parts.add(new Member(name, value));
    return this;
  }

  public Answer table(Table<?> table) {
    parts.add(new Rows(table));
    return this;
  }

  public Answer facts(String name, String title, Map<Heading, @Nullable Object> values) {
    parts.add(new Facts(name, title, values));
    return this;
  }

  /// Adds one thing with these of its properties.
  public <T> Answer facts(String name, String title, List<Column<T>> properties, T thing) {
    Map<Heading, @Nullable Object> values = new LinkedHashMap<>();
    properties.forEach(property -> values.put(property.heading(), property.cell(thing)));
    return facts(name, title, values);
  }

  /// Adds a sentence for people.
  public Answer say(String sentence) {
    parts.add(new Sentence(sentence));
    return this;
  }

  /// Adds a sentence for people that only informs.
  public Answer note(String sentence) {
    parts.add(new Note(sentence));
    return this;
  }

  /// Adds lines for people that fit the screen as they are.
  public Answer block(String lines) {
    parts.add(new Block(lines));
    return this;
  }

  /// The outcome of a change: `success` and `message` for machines, the message for people.
  public Answer outcome(boolean success, String message) {
    return member("success", success).member("message", message).say(message);
  }

  /// Marks the answer as the report of work that was done, or of a check that found nothing:
  /// `--quiet` leaves it out.
  public Answer report() {
    report = true;
    return this;
  }

  /// What people see of it under `--quiet`: nothing of a report that all is well, and no note.
  public Answer quiet() {
    Answer quiet = new Answer().exit(exitCode);
    if (!(report && exitCode == ExitCode.DONE)) {
      parts.stream().filter(part -> !(part instanceof Note)).forEach(quiet.parts::add);
    }
    return quiet;
  }

  public Answer exit(ExitCode code) {
    exitCode = code;
    return this;
  }

  public ExitCode exitCode() {
    return exitCode;
  }

  public List<Part> parts() {
    return parts;
  }

  /// The same answer with the rows of its first table reduced to these columns.
  ///
  /// @throws IllegalArgumentException if there is no table, or no such column
  public Answer select(List<String> columns) {
    Answer selected = new Answer().exit(exitCode);
    selected.report = report;
    boolean done = false;
    for (Part part : parts) {
      if (!done && part instanceof Rows(Table<?> table)) {
        selected.table(table.select(columns));
        done = true;
      } else {
        selected.parts.add(part);
      }
    }
    if (!done) {
      throw new IllegalArgumentException("there are no columns to choose from here");
    }
    return selected;
  }
}
