package dev.patronus.delivery;

import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/// What a state file holds.
///
/// Immutable.
///
/// @param asked what was asked for, as JSON
/// @param mark up to where everything was handed over
/// @param pending the file that is on its way, if one is
record HandoverState(Json asked, Mark mark, Optional<Pending> pending) {
  private static final String VERSION = "patronus_state";

  /// A file on its way.
  ///
  /// @param part where it is written
  /// @param next the mark once it has appeared; empty as long as it is still being written, when
  ///   nothing of it counts
  record Pending(Path part, Optional<Mark> next) {}

  HandoverState {
    Objects.requireNonNull(asked, "asked");
  }

  String toText() {
    Json.Builder state = Json.object().put(VERSION, 1).put("asked", asked);
    put(state, "mark", mark);
    pending.ifPresent(file -> {
      Json.Builder on = Json.object().put("part", file.part().toString());
      file.next().ifPresent(next -> put(on, "mark", next));
      state.put("pending", on.build());
    });
    return state.build() + "\n";
  }

  private static void put(Json.Builder object, String name, Mark mark) {
    object.put(name, Json.object().put("key", mark.key()).put("print", mark.print()).build());
  }

  /// Reads a state.
  ///
  /// @throws IllegalArgumentException if the text is none
  static HandoverState parse(String text) {
    if (!(Json.parse(text) instanceof Json.Obj state)) {
      throw new UnreadableJson("it is no object");
    }
    if (state.integer(VERSION) != 1) {
      throw new UnreadableJson("it is of version " + state.integer(VERSION));
    }
    return new HandoverState(
        state.object("asked"),
        mark(state.object("mark")),
        state.find("pending").map(pending -> pending((Json.Obj) pending)));
  }

  private static Pending pending(Json.Obj pending) {
    Optional<Mark> next = pending.find("mark").map(mark -> mark((Json.Obj) mark));
    return new Pending(Path.of(pending.text("part")), next);
  }

  private static Mark mark(Json.Obj mark) {
    return new Mark(mark.integer("key"), mark.text("print"));
  }
}
