package dev.patronus.cli;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.command.Session;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.Style;
import dev.patronus.role.Role;
import dev.patronus.store.maintenance.DemoDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// `patronus demo`: a small database, and a walk through the main job on it.
final class DemoCommand extends Command {
  private static final long SEED = 20_261_101;

  /// A stop of the walk: what is said before it, and the words that are typed.
  ///
  /// @param ends how it ends
  private record Stop(String saying, String words, ExitCode ends) {
    Stop(String saying, String words) {
      this(saying, words, ExitCode.DONE);
    }

    List<String> words(Path folder) {
      return Stream.of(words.split(" ", -1))
          .map(word -> word.replace("FOLDER", folder.toString()))
          .toList();
    }

    String typed(Path folder) {
      return "patronus " + String.join(" ", words(folder));
    }
  }

  private static final List<Stop> WALK =
      List.of(
          new Stop("How much traffic does each policy carry?", "stats"),
          new Stop(
              "How did one policy develop over the week?",
              "stats history --policy office --since 7d --step 12h"),
          new Stop("What does each policy match, and in which order?", "policy list"),
          new Stop("Which sites are there, and what is the state of their paths?", "site list"),
          new Stop("", "path list --site oslo"),
          new Stop(
              "The site oslo is to be removed. What would be deleted?",
              "site delete oslo --dry-run"),
          new Stop("The preview is correct: delete it.", "site delete oslo --yes"),
          new Stop("It was the wrong site. It can be restored.", "site deleted"),
          new Stop("", "site restore oslo"),
          new Stop(
              "Export the last day for billing.",
              "export stats --since 24h -o csv --file FOLDER/stats.csv.gz"),
          new Stop(
              "Is the database consistent? One rule is invalid.",
              "db check",
              ExitCode.LIMIT_EXCEEDED),
          new Stop("Who made these changes?", "audit"));

  private final Option<Path> keep =
      option(
          "--keep",
          "DIR",
          text -> Path.of(text),
          Completes.FILE,
          "create the database in this folder (default: a new temporary folder)");

  DemoCommand() {
    super(
        "Creates a sample database with five sites, eight policies and a week of"
            + " history, and runs the most important commands on it. Each command is shown"
            + " as it would be typed, with its real output. The database is kept for"
            + " further use. Nothing else is changed.");
    example("demo", "the guided tour");
    example("demo --keep /tmp/play", "the same, in a folder of your choice");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    Path folder = folder();
    Path database = folder.resolve("sdwan.db");
    DemoDatabase.make(database, SEED, call.actor(), call.now());
    boolean quiet = call.format() != Format.TABLE;
    for (Stop stop : WALK) {
      walk(stop, folder, quiet, call);
    }
    if (!quiet) {
      call.session().print(farewell(database));
      return new Answer();
    }
    List<Column<Stop>> columns =
        List.of(
            Column.of("command", Kind.TEXT, stop -> stop.typed(folder)),
            Column.of("exit_code", Kind.NUMBER, stop -> (long) stop.ends().code()));
    return new Answer()
        .member("database", database.toString())
        .table(Table.of("steps", columns, WALK));
  }

  private Path folder() throws IOException {
    return keep.given()
        ? Files.createDirectories(keep.get().toAbsolutePath())
        : Files.createTempDirectory("patronus-demo-");
  }

  private static void walk(Stop stop, Path folder, boolean quiet, Invocation call)
      throws IOException {
    String typed = stop.typed(folder);
    if (!quiet) {
      String saying = stop.saying().isEmpty() ? "" : "# " + stop.saying() + "\n";
      call.session().print(Style.DIM.of(saying, call.screen()));
      call.session().print(Style.HEADER.of("$ " + typed, call.screen()) + "\n");
    }
    ExitCode code = type(stop.words(folder), folder, quiet, call);
    if (!quiet) {
      call.session().print("\n");
    }
    if (code != stop.ends()) {
      throw new UserError(
          ExitCode.FAILED,
          "the demo expected '"
              + typed
              + "' to end with "
              + stop.ends().code()
              + ", not "
              + code.code());
    }
  }

  /// Runs a command as its own call would, on the demo's database and at the demo's instant.
  private static ExitCode type(List<String> words, Path folder, boolean quiet, Invocation call)
      throws IOException {
    Session outer = call.session();
    outer.out().flush();
    Map<String, String> env = new TreeMap<>(outer.env());
    env.put("PATRONUS_DB_PATH", folder.resolve("sdwan.db").toString());
    env.put("PATRONUS_SOCKET", folder.resolve("patronus.sock").toString());
    env.put("PATRONUS_PAGER", "");
    try (Session session =
        new Session(
            new ByteArrayInputStream(new byte[0]),
            quiet ? OutputStream.nullOutputStream() : outer.out(),
            outer.err(),
            env,
            outer.terminal(),
            Clock.fixed(call.now(), ZoneOffset.UTC))) {
      return new Cli(CommandTree.ROOT, session).run(words.toArray(String[]::new));
    }
  }

  private static String farewell(Path database) {
    return """
    The database stays at %s. To go on with it:

      export PATRONUS_DB_PATH=%s
      patronus policy show guests
      patronus path list --status down,degraded
      patronus --help
    """
        .formatted(database, database);
  }
}
