package dev.patronus.output.file;

import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// What a state file holds.
///
/// Immutable.
///
/// @param asked what was asked for, as JSON
/// @param mark up to where everything was handed over
/// @param pending the file that is on its way, if one is
record ExportStateDocument(Json asked, Checkpoint mark, Optional<Pending> pending) {
  private static final String VERSION = "patronus_state";

  /// A file on its way.
  ///
  /// @param part where it is written
  /// @param inode the number of the complete file on its device; 0 while it is being written
  /// @param size of the complete file in bytes
  /// @param next the mark once it has its name; empty as long as it is still being written, when
  ///   nothing of it counts
  record Pending(Path part, long inode, long size, Optional<Checkpoint> next) {
    static Pending begun(Path part) {
      return new Pending(part, 0, 0, Optional.empty());
    }
  }

  ExportStateDocument {
    Objects.requireNonNull(asked, "asked");
  }

  String toText() {
    Json.Builder state = Json.object().put(VERSION, 1).put("asked", asked);
    put(state, "mark", mark);
    pending.ifPresent(file -> {
      Json.Builder on = Json.object().put("part", file.part().toString());
      on.put("inode", file.inode()).put("size", file.size());
      file.next().ifPresent(next -> put(on, "mark", next));
      state.put("pending", on.build());
    });
    return state.build() + "\n";
  }

  private static void put(Json.Builder object, String name, Checkpoint mark) {
    Json.Builder json = Json.object().put("key", mark.key()).put("print", mark.print());
    json.put("archive", mark.archive());
    json.put(
        "absent",
        mark.absent().stream()
            .map(rows ->
                Json.object()
                    .put("group", rows.group())
                    .put("first", rows.first())
                    .put("last", rows.last())
                    .build())
            .toList());
    object.put(name, json.build());
  }

  /// Reads a state.
  ///
  /// @throws IllegalArgumentException if the text is none
  static ExportStateDocument parse(String text) {
    if (!(Json.parse(text) instanceof Json.Obj state)) {
      throw new UnreadableJson("it is not a JSON object");
    }
    if (state.integer(VERSION) != 1) {
      throw new UnreadableJson("it has the unsupported version " + state.integer(VERSION));
    }
    return new ExportStateDocument(
        state.object("asked"),
        mark(state.object("mark")),
        state.find("pending").map(pending -> pending((Json.Obj) pending)));
  }

  private static Pending pending(Json.Obj pending) {
    Optional<Checkpoint> next = pending.find("mark").map(mark -> mark((Json.Obj) mark));
    return new Pending(
        Path.of(pending.text("part")), number(pending, "inode"), number(pending, "size"), next);
  }

  /// A mark; one that an older version wrote knows of no deletions.
  private static Checkpoint mark(Json.Obj mark) {
    return new Checkpoint(
        mark.integer("key"), mark.text("print"), number(mark, "archive"), absent(mark));
  }

  private static List<Checkpoint.Absent> absent(Json.Obj mark) {
    if (mark.find("absent").isEmpty()) {
      return List.of();
    }
    return mark.list("absent").stream()
        .map(rows -> (Json.Obj) rows)
        .map(rows ->
            new Checkpoint.Absent(
                rows.integer("group"), rows.integer("first"), rows.integer("last")))
        .toList();
  }

  private static long number(Json.Obj object, String name) {
    return object.find(name).isPresent() ? object.integer(name) : 0;
  }
}
