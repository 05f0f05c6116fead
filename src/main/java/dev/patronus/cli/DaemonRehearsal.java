package dev.patronus.cli;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Session;
import dev.patronus.error.ExitCode;
import dev.patronus.store.maintenance.RehearsalDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// `daemon --dry-run`: a daemon that counts into a database of its own, which has the policies of
/// the real one and is deleted at the end. The real database is only read, and no file beside it is
/// touched.
///
/// Confined to the command's thread.
final class DaemonRehearsal {
  private static final List<String> FILES =
      List.of(
          "sdwan.db",
          "sdwan.db-wal",
          "sdwan.db-shm",
          "sdwan.db-journal",
          "sdwan.db-patronus.lock",
          "sdwan.db.counters",
          "patronus.sock");

  private DaemonRehearsal() {}

  /// Where a rehearsal keeps what it deletes in the end.
  ///
  /// @param socket where the daemon is asked
  record Place(Path folder, Path socket) {
    Path database() {
      return folder.resolve("sdwan.db");
    }
  }

  /// Runs the daemon, and prints what `stats` says of it.
  ///
  /// @param daemon runs it there until it ends
  static ExitCode run(Invocation call, Function<Place, ExitCode> daemon) throws IOException {
    Path folder = Files.createTempDirectory("patronus-rehearsal-"); // mode 0700
    Path socket =
        call.globals().typed("socket").map(Path::of).orElse(folder.resolve("patronus.sock"));
    Place place = new Place(folder, socket);
    try {
      RehearsalDatabase.make(place.database(), call.database(), call.actor(), call.now());
      ExitCode code = daemon.apply(place);
      return code == ExitCode.DONE ? stats(call, place) : code;
    } finally {
      delete(place);
    }
  }

  private static ExitCode stats(Invocation call, Place place) throws IOException {
    Session outer = call.session();
    outer.out().flush();
    Map<String, String> env = new TreeMap<>(outer.env());
    env.put("PATRONUS_DB_PATH", place.database().toString());
    env.put("PATRONUS_SOCKET", place.socket().toString());
    try (Session session =
        new Session(
            new ByteArrayInputStream(new byte[0]),
            outer.out(),
            outer.err(),
            env,
            outer.terminal(),
            outer.clock())) {
      return new Cli(CommandTree.ROOT, session).run("stats", "-o", EnumNames.of(call.format()));
    }
  }

  /// Deletes the files of a daemon, and the folder, which then is empty.
  private static void delete(Place place) throws IOException {
    for (String name : FILES) {
      Files.deleteIfExists(place.folder().resolve(name));
    }
    try (var left = Files.newDirectoryStream(place.folder())) {
      for (Path file : left) {
        Files.delete(file); // templates and totals, one for each source
      }
    }
    Files.delete(place.folder());
  }
}
