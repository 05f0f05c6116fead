package dev.patronus.cli.complete;

import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.DynamicCandidates;
import dev.patronus.cli.command.WordsAfter;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// What could come next on a command line that is being typed, read from the model: commands,
/// options, their values, and live names.
///
/// Several values with commas between them are completed one after the other.
///
/// Confined to one thread.
public final class Completer {

  /// A word that could come next.
  ///
  /// @param description what it is, in a few words; empty where it says so itself
  public record Candidate(String word, String description) {}

  private static final List<String> TIMES =
      List.of(
          "15m",
          "1h",
          "24h",
          "7d",
          "30d",
          "now",
          "today",
          "yesterday",
          "this-week",
          "last-week",
          "this-month",
          "last-month");
  private static final List<String> RANGES =
      List.of("today", "yesterday", "this-week", "last-week", "this-month", "last-month");
  private static final List<String> DURATIONS =
      List.of("1m", "5m", "10m", "1h", "24h", "7d", "30d", "90d");
  private static final List<String> STEPS =
      List.of("1m", "5m", "15m", "1h", "6h", "1d", "1w", "1mo");

  private final CommandSpec root;
  private final BiFunction<Completes, String, List<Candidate>> live;

  /// @param root the model, in which the commands that are typed are whole
  /// @param live gives the names of things there are that begin with a text
  public Completer(CommandSpec root, BiFunction<Completes, String, List<Candidate>> live) {
    this.root = root;
    this.live = live;
  }

  /// The candidates for the last word.
  ///
  /// @param words what follows `patronus`; the last one is being typed and may be empty
  public List<Candidate> complete(List<String> words) {
    if (words.size() > 1 && words.getFirst().equals("help")) {
      return complete(words.subList(1, words.size()));
    }
    CursorPosition place = CursorPosition.behind(root, words.subList(0, words.size() - 1));
    return matching(words.getLast(), candidates(place, words));
  }

  /// Whether the name of a file could come next, which a shell completes better itself.
  public boolean takesFile(List<String> words) {
    if (words.size() > 1 && words.getFirst().equals("help")) {
      return false;
    }
    CursorPosition place = CursorPosition.behind(root, words.subList(0, words.size() - 1));
    String typed = words.getLast();
    if (place.pending() != null) {
      return isFile(place.pending());
    }
    int equals = typed.indexOf('=');
    if (typed.startsWith("-") && !place.onlyArguments()) {
      OptionSpec option = equals < 0 ? null : place.takingValue(typed.substring(0, equals));
      return option != null && isFile(option);
    }
    return place.arguments().stream().anyMatch(Completer::isFile);
  }

  private static boolean isFile(ArgSpec argument) {
    return argument.completionCandidates() instanceof DynamicCandidates(Completes completes)
        && completes == Completes.FILE;
  }

  private List<Candidate> candidates(CursorPosition place, List<String> words) {
    String typed = words.getLast();
    String before = words.size() > 1 ? words.get(words.size() - 2) : "";
    if (place.pending() != null) {
      return values(place, place.pending(), "", typed, before);
    }
    int equals = typed.indexOf('=');
    if (typed.startsWith("--") && equals > 0 && !place.onlyArguments()) {
      OptionSpec option = place.takingValue(typed.substring(0, equals));
      String name = typed.substring(0, equals + 1);
      return option == null
          ? List.of()
          : values(place, option, name, typed.substring(equals + 1), before);
    }
    if (typed.startsWith("-") && !place.onlyArguments()) {
      return options(place.command());
    }
    List<Candidate> candidates = new ArrayList<>();
    if (place.positionals() == 0 && !place.onlyArguments()) {
      candidates.addAll(commands(place.command()));
    }
    place
        .arguments()
        .forEach(argument -> candidates.addAll(values(place, argument, "", typed, before)));
    return candidates.isEmpty() && typed.isEmpty() && !place.onlyArguments()
        ? options(place.command())
        : candidates;
  }

  /// The values of an option or argument, each behind what stands before it in the same word: the
  /// option's name, and values that end with a comma.
  private List<Candidate> values(
      CursorPosition place, ArgSpec argument, String name, String typed, String before) {
    int comma = takesCommas(argument) ? typed.lastIndexOf(',') : -1;
    String prefix = name + typed.substring(0, comma + 1);
    List<String> present =
        comma < 0 ? List.of() : List.of(typed.substring(0, comma).split(",", -1));
    return values(place.command(), argument, typed.substring(comma + 1), before).stream()
        .filter(value -> !present.contains(value.word()))
        .map(value -> new Candidate(prefix + value.word(), value.description()))
        .toList();
  }

  private static boolean takesCommas(ArgSpec argument) {
    boolean columns =
        argument.completionCandidates() instanceof DynamicCandidates(Completes completes)
            && completes == Completes.COLUMN
            && argument.paramLabel().equals("NAMES");
    return columns || ",".equals(argument.splitRegex());
  }

  private List<Candidate> values(
      CommandSpec command, ArgSpec argument, String typed, String before) {
    Iterable<String> known = argument.completionCandidates();
    return switch (known) {
      case DynamicCandidates(Completes completes) -> dynamic(command, completes, typed);
      case WordsAfter words when words.after().containsKey(before) ->
          live.apply(words.after().get(before), typed);
      case null -> List.of();
      default -> words(known);
    };
  }

  private List<Candidate> dynamic(CommandSpec command, Completes completes, String typed) {
    return switch (completes) {
      case NOTHING, FILE -> List.of();
      case TIME -> words(TIMES);
      case RANGE -> words(RANGES);
      case DURATION -> words(DURATIONS);
      case STEP -> words(STEPS);
      case ZONE -> words(zones());
      case COLUMN -> words(ColumnCandidates.of(command.qualifiedName()));
      case EXPORTER,
          SITE,
          POLICY,
          PATH,
          FAILOVER_POLICY,
          ALERT,
          BUDGET,
          GATEWAY,
          DELETED_SITE,
          DELETED_POLICY ->
          live.apply(completes, typed);
    };
  }

  private static List<Candidate> words(Iterable<String> known) {
    List<Candidate> values = new ArrayList<>();
    known.forEach(word -> values.add(new Candidate(word, "")));
    return values;
  }

  private static List<String> zones() {
    List<String> zones = new ArrayList<>(List.of("local", "UTC"));
    ZoneId.getAvailableZoneIds().stream()
        .filter(zone -> zone.indexOf('/') > 0 && !zone.startsWith("SystemV/"))
        .sorted()
        .forEach(zones::add);
    return zones;
  }

  /// The command's own options, then those of every command.
  private static List<Candidate> options(CommandSpec spec) {
    List<Candidate> own = new ArrayList<>();
    List<Candidate> ofEvery = new ArrayList<>();
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        (option.inherited() ? ofEvery : own)
            .add(new Candidate(option.longestName(), String.join(" ", option.description())));
      }
    }
    own.addAll(ofEvery);
    return own;
  }

  private static List<Candidate> commands(CommandSpec spec) {
    List<Candidate> commands = new ArrayList<>();
    for (CommandLine child : spec.subcommands().values()) {
      CommandSpec command = child.getCommandSpec();
      if (!command.usageMessage().hidden()) {
        String header = String.join(" ", command.usageMessage().header());
        commands.add(new Candidate(command.name(), header));
      }
    }
    return commands;
  }

  /// Those that begin with what was typed; a name in whatever case.
  private static List<Candidate> matching(String typed, List<Candidate> candidates) {
    String lower = typed.toLowerCase(Locale.ROOT);
    return candidates.stream()
        .filter(candidate -> candidate.word().toLowerCase(Locale.ROOT).startsWith(lower))
        .toList();
  }
}
