package dev.patronus.cli;

import dev.patronus.cli.command.CommandGroup;
import dev.patronus.cli.command.CommandNode;
import dev.patronus.error.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Every command with a way to call it on a [dev.patronus.testing.FurnishedDatabase], and how that
/// ends: what tests of all commands go through.
///
/// A new command gets a line here; [EveryCommandTest] fails for one that has none.
final class CommandMatrix {

  /// What a call does to the world.
  enum Effect {
    /// It reads the database and leaves everything as it was.
    READS,
    /// It reads the database and makes a file elsewhere.
    COPIES,
    /// It changes the database.
    CHANGES,
    /// It asks the daemon, and cannot do without.
    ASKS,
    /// It needs neither database nor daemon.
    ALONE
  }

  /// A way to call a command.
  ///
  /// @param words what comes after `patronus`; `FOLDER` stands for the test's own folder
  /// @param ends how it ends on a furnished database, without a daemon
  /// @param endsEmpty how it ends where there are tables but no rows, without a daemon
  /// @param document whether it prints data, in the format that was asked for; else text that is
  ///   made for a program
  record Specimen(
      String words, Effect effect, ExitCode ends, ExitCode endsEmpty, boolean document) {

    Specimen ending(ExitCode code) {
      return new Specimen(words, effect, code, endsEmpty, document);
    }

    Specimen endingEmpty(ExitCode code) {
      return new Specimen(words, effect, ends, code, document);
    }

    Specimen text() {
      return new Specimen(words, effect, ends, endsEmpty, false);
    }

    /// Whether it opens the database before anything else.
    boolean opensDatabase() {
      return switch (effect) {
        case READS, COPIES, CHANGES -> true;
        case ASKS, ALONE -> false;
      };
    }

    @Override
    public String toString() {
      return words;
    }
  }

  private CommandMatrix() {}

  static List<Specimen> specimens() {
    return Stream.of(traffic(), objects(), exports(), databases(), others())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Specimen> traffic() {
    return List.of(
        reads("stats"),
        reads("stats --policy voice").endingEmpty(ExitCode.NOT_FOUND),
        reads("stats --alert total:bytes>1PB"),
        reads("stats history --since 2h"),
        reads("stats history --since 3h --step 1h --by-policy --rate"),
        reads("report --since 2h"),
        copies("report --since 2h --file FOLDER/report.html").text(),
        asks("stats flows"),
        asks("stats reset voice --yes"),
        asks("stats reset --all --dry-run"));
  }

  private static List<Specimen> objects() {
    return List.of(
        reads("site list"),
        reads("site show berlin").endingEmpty(ExitCode.NOT_FOUND),
        changes("site delete hamburg --yes").endingEmpty(ExitCode.NOT_FOUND),
        reads("site delete hamburg porto --dry-run").endingEmpty(ExitCode.NOT_FOUND),
        reads("site delete nowhere --if-exists --yes"),
        reads("site delete --inactive-for 90d --dry-run"),
        reads("site deleted"),
        changes("site restore lyon").endingEmpty(ExitCode.NOT_FOUND),
        // it writes, and takes it back
        changes("site restore lyon --dry-run").endingEmpty(ExitCode.NOT_FOUND),
        changes("site purge lyon --yes").endingEmpty(ExitCode.NOT_FOUND),
        reads("site purge --all --dry-run"),
        reads("policy list"),
        reads("policy show voice").endingEmpty(ExitCode.NOT_FOUND),
        changes("policy delete guests --yes").endingEmpty(ExitCode.NOT_FOUND),
        reads("policy delete guests voice --dry-run").endingEmpty(ExitCode.NOT_FOUND),
        reads("policy delete nobody --if-exists --yes"),
        reads("policy deleted"),
        changes("policy restore default").endingEmpty(ExitCode.NOT_FOUND),
        changes("policy restore default --dry-run").endingEmpty(ExitCode.NOT_FOUND),
        changes("policy purge default --yes").endingEmpty(ExitCode.NOT_FOUND),
        reads("policy purge --all --dry-run"),
        reads("policy explain 10.1.2.3 192.0.2.10:443"),
        reads("path list"),
        reads("path show 1").endingEmpty(ExitCode.NOT_FOUND),
        asks("cache stats"),
        asks("cache clear"),
        asks("cache cleanup"));
  }

  private static List<Specimen> exports() {
    return List.of(
        reads("export stats"),
        reads("export stats --since 2h --step 1h --values delta"),
        copies("export stats --file FOLDER/stats.csv.gz").text(),
        copies("export stats --since-last FOLDER/state --file FOLDER/stats.csv").text(),
        reads("export path-metrics"),
        reads("export system-metrics"),
        reads("export sites"),
        reads("export policies"),
        reads("export audit"),
        asks("export flows"));
  }

  private static List<Specimen> databases() {
    return List.of(
        alone("db init FOLDER/new.db"),
        changes("db migrate"),
        changes("db migrate --guards off"),
        changes("db migrate --guards all"),
        reads("db migrate --dry-run"),
        reads("db check").ending(ExitCode.FAILED),
        copies("db backup FOLDER/copy.db"),
        changes("db prune --older-than 1h --yes"),
        reads("db prune --older-than 1h --dry-run"),
        changes("db thin --retention 1h:52w --yes"),
        reads("db thin --retention 1h:52w --dry-run"),
        reads("audit"),
        reads("sql SELECT policy_id, name FROM sdwan_policies"));
  }

  private static List<Specimen> others() {
    return List.of(
        changes("daemon --check --source netflow://127.0.0.1:20550 --metrics-listen off"),
        asks("status"),
        asks("status --check live"),
        alone("doctor").ending(ExitCode.FAILED).endingEmpty(ExitCode.FAILED),
        alone("demo --keep FOLDER/demo"),
        alone("shell").text(),
        alone("completion bash").text(),
        alone("__complete -- site delete").text(),
        alone("__man FOLDER"));
  }

  private static Specimen reads(String words) {
    return new Specimen(words, Effect.READS, ExitCode.DONE, ExitCode.DONE, true);
  }

  private static Specimen copies(String words) {
    return new Specimen(words, Effect.COPIES, ExitCode.DONE, ExitCode.DONE, true);
  }

  private static Specimen changes(String words) {
    return new Specimen(words, Effect.CHANGES, ExitCode.DONE, ExitCode.DONE, true);
  }

  private static Specimen asks(String words) {
    return new Specimen(words, Effect.ASKS, ExitCode.NO_DAEMON, ExitCode.NO_DAEMON, true);
  }

  private static Specimen alone(String words) {
    return new Specimen(words, Effect.ALONE, ExitCode.DONE, ExitCode.DONE, true);
  }

  /// The names of all commands that can be called, hidden ones too: `site delete`.
  static Set<String> commands() {
    Set<String> names = new TreeSet<>();
    collect(CommandTree.ROOT, "", names);
    return names;
  }

  private static void collect(CommandNode entry, String before, Set<String> names) {
    for (CommandNode child : entry.children()) {
      String name = (before + " " + child.name()).strip();
      if (!(child.maker().get() instanceof CommandGroup)) {
        names.add(name);
      }
      collect(child, name, names);
    }
  }

  /// The command that these words call: `site delete` for `site delete berlin --yes`.
  static String commandOf(String words) {
    Set<String> known = commands();
    List<String> called = new ArrayList<>(List.of(words.split(" ", -1)));
    while (!called.isEmpty() && !known.contains(String.join(" ", called))) {
      called.removeLast();
    }
    return String.join(" ", called);
  }
}
