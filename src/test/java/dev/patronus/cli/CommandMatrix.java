package dev.patronus.cli;

import dev.patronus.cli.command.CommandGroup;
import dev.patronus.cli.command.CommandNode;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase.Age;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Every command with a way to call it on a [dev.patronus.testing.FurnishedDatabase], and how that
/// ends: what tests of all commands go through.
///
/// A new command gets a line here; [EveryCommandTest] fails for one that has none.
final class CommandMatrix {

  /// The alert that specimens and examples name, and what is done when it fires.
  static final Map<String, String> ALERTS =
      Map.of(
          "PATRONUS_ALERT", "busy: policy voice byte-rate > 10M for 5m",
          "PATRONUS_ALERT_COMMAND", "/bin/true",
          "PATRONUS_BUDGET", "backup: policy voice 2TB per month from day 15 warn 80%");

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
  /// @param rows whether rows are what it is asked for, so that `--quiet` shows them too
  /// @param newest whether it ends so only where the schema version is the newest
  record Specimen(
      String words,
      Effect effect,
      ExitCode ends,
      ExitCode endsEmpty,
      boolean document,
      boolean rows,
      boolean newest) {

    /// Whether it tells on stderr what it has not found, and ends well.
    boolean tellsMissing() {
      return words.contains("--if-exists");
    }

    Specimen ending(ExitCode code) {
      return new Specimen(words, effect, code, endsEmpty, document, rows, newest);
    }

    Specimen endingEmpty(ExitCode code) {
      return new Specimen(words, effect, ends, code, document, rows, newest);
    }

    Specimen text() {
      return new Specimen(words, effect, ends, endsEmpty, false, rows, newest);
    }

    Specimen ofNewest() {
      return new Specimen(words, effect, ends, endsEmpty, document, rows, true);
    }

    /// Work or a check, of which `--quiet` tells nothing where all is well; else it shows rows.
    Specimen showing(boolean shown) {
      return new Specimen(words, effect, ends, endsEmpty, document, shown, newest);
    }

    /// Whether it ends as told on a database of this schema version, and is worth a run there.
    boolean appliesTo(Age age) {
      return age == Age.NEWEST || (effect != Effect.ALONE && !newest);
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
    return Stream.of(traffic(), objects(), exports(), databases(), fleet(), others())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Specimen> traffic() {
    return List.of(
        reads("stats"),
        reads("stats --policy voice").endingEmpty(ExitCode.NOT_FOUND),
        reads("stats --alert total:bytes>1PB").showing(false),
        reads("stats history --since 2h"),
        reads("stats history --since 3h --step 1h --by-policy --rate"),
        reads("report --since 2h"),
        copies("report --since 2h --file FOLDER/report.html").text(),
        asks("stats flows"),
        asks("stats flows --by src,policy dst port 443 and not policy voice"),
        reads("stats budget"),
        reads("stats budget backup -n 3").endingEmpty(ExitCode.NOT_FOUND),
        asks("stats reset voice --yes"),
        asks("stats reset --all --dry-run"));
  }

  private static List<Specimen> objects() {
    return List.of(
        reads("site list"),
        reads("site list --not-seen-for 10m"),
        reads("site show berlin").endingEmpty(ExitCode.NOT_FOUND),
        changes("site delete hamburg --yes").endingEmpty(ExitCode.NOT_FOUND),
        reads("site delete hamburg porto --dry-run").endingEmpty(ExitCode.NOT_FOUND),
        reads("site delete nowhere --if-exists --yes").showing(false),
        reads("site delete --inactive-for 90d --dry-run"),
        reads("site deleted"),
        changes("site restore lyon").endingEmpty(ExitCode.NOT_FOUND),
        // it writes, and takes it back
        changes("site restore lyon --dry-run").endingEmpty(ExitCode.NOT_FOUND).showing(true),
        changes("site purge lyon --yes").endingEmpty(ExitCode.NOT_FOUND),
        reads("site purge --all --dry-run"),
        reads("policy list"),
        reads("policy show voice").endingEmpty(ExitCode.NOT_FOUND),
        reads("policy check").ending(ExitCode.FAILED),
        changes("policy delete guests --yes").endingEmpty(ExitCode.NOT_FOUND),
        reads("policy delete guests voice --dry-run").endingEmpty(ExitCode.NOT_FOUND),
        reads("policy delete nobody --if-exists --yes"),
        reads("policy deleted"),
        changes("policy restore default").endingEmpty(ExitCode.NOT_FOUND),
        changes("policy restore default --dry-run").endingEmpty(ExitCode.NOT_FOUND).showing(true),
        changes("policy purge default --yes").endingEmpty(ExitCode.NOT_FOUND),
        reads("policy purge --all --dry-run"),
        reads("policy explain 10.1.2.3 192.0.2.10:443"),
        reads("policy test /dev/null").showing(false),
        asks("policy diff --with src/test/resources/dev/patronus/cli/policy/rules.json"),
        reads("path list"),
        reads("path list --down-for 1h").ofNewest(),
        reads("path show 1").endingEmpty(ExitCode.NOT_FOUND),
        reads("path history"),
        reads("path history 1 --step 1h").endingEmpty(ExitCode.NOT_FOUND),
        // nobody answers at the addresses of the sample, which are those of documentation
        reads("path probe 1 --udp -c 1 -W 10ms")
            .ending(ExitCode.FAILED)
            .endingEmpty(ExitCode.NOT_FOUND),
        reads("failover list"),
        reads("failover show wan").endingEmpty(ExitCode.NOT_FOUND).ofNewest(),
        reads("alert list"),
        reads("alert list --firing"),
        reads("alert show busy"),
        reads("alert test busy"),
        reads("alert test busy --dry-run"),
        changes("alert silence busy --for 2h"),
        changes("alert silence busy --end"),
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
        reads("export path-health"),
        reads("export failover-events"),
        reads("export system-metrics"),
        reads("export sites"),
        reads("export policies"),
        reads("export audit"),
        asks("export flows"),
        asks("export flows src net 10.0.0.0/8"),
        asks("export flows --by src,dport"));
  }

  private static List<Specimen> databases() {
    return List.of(
        alone("db init FOLDER/new.db"),
        changes("db migrate"),
        changes("db migrate --guards off"),
        changes("db migrate --rebuild-history"),
        changes("db migrate --guards all"),
        reads("db migrate --dry-run"),
        reads("db check").ending(ExitCode.LIMIT_EXCEEDED),
        copies("db backup FOLDER/copy.db"),
        changes("db prune --older-than 1h --yes"),
        reads("db prune --older-than 1h --dry-run"),
        reads("db leftovers").endingEmpty(ExitCode.DONE),
        reads("db leftovers delete --yes").showing(false),
        reads("db leftovers delete --dry-run"),
        reads("db leftovers deleted"),
        reads("db leftovers restore leftovers")
            .ending(ExitCode.NOT_FOUND)
            .endingEmpty(ExitCode.NOT_FOUND),
        reads("db leftovers purge --all --dry-run"),
        alone("db thin --retention 1h:52w --yes")
            .ending(ExitCode.REFUSED)
            .endingEmpty(ExitCode.REFUSED),
        reads("audit"),
        reads("sql SELECT policy_id, name FROM sdwan_policies"));
  }

  /// No hub is named; with one they are tried elsewhere.
  private static List<Specimen> fleet() {
    return Stream.of(
            "fleet init",
            "fleet status",
            "fleet enrol berlin",
            "fleet revoke berlin --yes",
            "fleet revoke berlin --dry-run",
            "fleet prune --yes",
            "fleet prune --replaced --dry-run",
            "fleet prune --gateway berlin --dry-run",
            "stats --fleet",
            "stats --gateway berlin --gateway l*",
            "stats history --fleet --since 2h",
            "report --fleet --since 2h",
            "export stats --fleet",
            "export sites --gateway berlin",
            "export policies --fleet",
            "export path-metrics --fleet",
            "export audit --fleet",
            "site list --fleet",
            "policy list --fleet",
            "path list --fleet",
            "db check --fleet")
        .map(words -> alone(words).ending(ExitCode.USAGE).endingEmpty(ExitCode.USAGE))
        .toList();
  }

  private static List<Specimen> others() {
    return List.of(
        changes("daemon --check --source netflow://127.0.0.1:20550 --metrics-listen off"),
        asks("status"),
        asks("status --check live"),
        alone("doctor").ending(ExitCode.FAILED).endingEmpty(ExitCode.FAILED),
        alone("doctor --force --bundle FOLDER/bundle.tar.gz").showing(true),
        alone("config show").showing(true),
        alone("help stats").showing(true),
        alone("version").showing(true),
        alone("demo --keep FOLDER/demo").showing(true),
        alone("shell").text(),
        alone("completion bash").text().showing(true),
        alone("__complete -- site delete").text().showing(true),
        alone("__man FOLDER"));
  }

  private static Specimen reads(String words) {
    return new Specimen(words, Effect.READS, ExitCode.DONE, ExitCode.DONE, true, true, false);
  }

  private static Specimen copies(String words) {
    return new Specimen(words, Effect.COPIES, ExitCode.DONE, ExitCode.DONE, true, false, false);
  }

  private static Specimen changes(String words) {
    return new Specimen(words, Effect.CHANGES, ExitCode.DONE, ExitCode.DONE, true, false, false);
  }

  private static Specimen asks(String words) {
    return new Specimen(
        words, Effect.ASKS, ExitCode.NO_DAEMON, ExitCode.NO_DAEMON, true, false, false);
  }

  private static Specimen alone(String words) {
    return new Specimen(words, Effect.ALONE, ExitCode.DONE, ExitCode.DONE, true, false, false);
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
