package dev.patronus.config;

import dev.patronus.alert.AlertRule;
import dev.patronus.alert.Budget;
import dev.patronus.alert.Subject;
import dev.patronus.alert.UnreadableRule;
import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.fleet.address.HubAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.history.tier.Retention;
import dev.patronus.role.Roles;
import dev.patronus.site.GuardLevel;
import dev.patronus.source.ExportCorrections;
import dev.patronus.source.SourceUri;
import dev.patronus.time.DurationText;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/// What the daemon is told, from flags, environment and file together.
///
/// Immutable.
///
/// @param allowExporters who may send flow export; empty for everybody
/// @param snapshotEvery a divisor or multiple of a minute, at least a second
/// @param flowTimeout how long a flow without packets counts as active
/// @param stateDir counters and templates between runs
/// @param metricsListen where the metrics page is; empty for nowhere
/// @param countTunnels whether traffic of the platform's own tunnels is counted
/// @param countReplies whether a reply counts for the policy of the flow that it answers
/// @param retention how long traffic is kept, raw and rolled up
/// @param guards which of the platform's own deletions are guarded; empty where that stays as it is
/// @param deletedKeep how long a site that the platform deletes can be restored
/// @param platformFlows how many of the largest flows are written for the platform to show
/// @param purgeExpired whether archives of deleted sites and policies go when they have expired
/// @param corrections what is known better than the exporters do: sampling rates, names
/// @param alerts the alert rules, and what is done when one fires
/// @param roles what users of the control socket may do, by their groups
/// @param fleet the hub that history is sent to; empty for none
public record DaemonSettings(
    Path database,
    List<SourceUri> sources,
    List<IpPrefix> allowExporters,
    Duration snapshotEvery,
    Duration flowTimeout,
    Path stateDir,
    Path socket,
    Optional<InetSocketAddress> metricsListen,
    boolean countTunnels,
    boolean countReplies,
    Retention retention,
    Optional<GuardLevel> guards,
    Duration deletedKeep,
    int platformFlows,
    boolean purgeExpired,
    ExportCorrections corrections,
    AlertSettings alerts,
    Roles roles,
    Optional<HubAddress> fleet) {
  private static final String RETENTION = "retention";

  /// So many rows are written in a fraction of the time that other writers may wait.
  private static final int PLATFORM_FLOWS_MOST = 1_000;

  public DaemonSettings {
    Objects.requireNonNull(database, "database");
    sources = List.copyOf(sources);
    allowExporters = List.copyOf(allowExporters);
    if (snapshotEvery.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("snapshots must be at least 1 s apart");
    }
    if (flowTimeout.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("the flow timeout must be at least 1 s");
    }
    Objects.requireNonNull(stateDir, "stateDir");
    Objects.requireNonNull(socket, "socket");
    Objects.requireNonNull(alerts, "alerts");
    Objects.requireNonNull(roles, "roles");
    Objects.requireNonNull(fleet, "fleet");
  }

  /// The same without alerts and hub, for a run that must do nothing outside.
  public DaemonSettings withoutAlerts() {
    return new DaemonSettings(
        database,
        sources,
        allowExporters,
        snapshotEvery,
        flowTimeout,
        stateDir,
        socket,
        metricsListen,
        countTunnels,
        countReplies,
        retention,
        guards,
        deletedKeep,
        platformFlows,
        purgeExpired,
        corrections,
        AlertSettings.NONE,
        roles,
        Optional.empty());
  }

  /// A warning where flow export of this machine alone is listened to beside its own connection
  /// tracking: both tell of the same packets. Empty where that is not so, or cannot be told before
  /// exporters are heard of.
  public Optional<String> doubleCounting() {
    boolean conntrack = sources.stream().anyMatch(SourceUri.Conntrack.class::isInstance);
    return sources.stream()
        .filter(
            source -> conntrack && source instanceof SourceUri.Udp udp && isLoopback(udp.host()))
        .findFirst()
        .map(source ->
            "conntrack: and "
                + source.text()
                + " are both open: traffic reported by an exporter on this machine is"
                + " counted twice; use only one of the two");
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("::1") || host.startsWith("127.");
  }

  /// What was typed, before it is understood; each list is empty and each text absent where nothing
  /// was.
  public record Typed(
      List<String> sources,
      List<String> allowExporters,
      Optional<String> snapshotEvery,
      Optional<String> flowTimeout,
      Optional<String> stateDir,
      Optional<String> metricsListen,
      boolean countTunnels,
      boolean countReplies,
      Optional<String> retention) {}

  /// Flags before variables before the file.
  ///
  /// @throws UserError of usage, that names the setting and what it takes
  public static DaemonSettings read(Typed typed, Settings settings, Path database, Path socket) {
    List<SourceUri> sources = each("source", typed.sources(), settings, SourceUri::parse);
    if (sources.isEmpty()) {
      throw new UserError(
          ExitCode.USAGE,
          "no traffic source; add one, for example --source netflow://127.0.0.1:2055");
    }
    return new DaemonSettings(
        database,
        sources,
        each("allow-exporter", typed.allowExporters(), settings, IpPrefix::parse),
        one("snapshot-every", typed.snapshotEvery(), settings, DaemonSettings::atLeastASecond),
        one("flow-timeout", typed.flowTimeout(), settings, DaemonSettings::atLeastASecond),
        one("state-dir", typed.stateDir(), settings, stateDir(database), Path::of),
        socket,
        one("metrics-listen", typed.metricsListen(), settings, Listen::parse),
        typed.countTunnels() || flag(settings, "count-tunnels"),
        typed.countReplies() || flag(settings, "count-replies"),
        one(RETENTION, typed.retention(), settings, Retention::parse),
        guards(settings),
        deletedKeep(settings),
        one("platform-flows", Optional.empty(), settings, DaemonSettings::flowCount),
        flag(settings, "purge-expired"),
        corrections(settings),
        alerts(settings),
        roles(settings),
        fleet(settings));
  }

  /// Which groups have which role.
  ///
  /// @throws UserError of usage, that names the setting and what it takes
  public static Roles roles(Settings settings) {
    return ifSet("roles", settings, Roles::parse).orElse(Roles.NONE);
  }

  /// The hub that this gateway sends to: that of the file. The variable names the hub that commands
  /// read, and may stand in the environment of a whole machine.
  ///
  /// @throws UserError of usage, if the address cannot be read or names no gateway
  private static Optional<HubAddress> fleet(Settings all) {
    Settings settings = all.ofFile();
    Optional<HubAddress> hub = ifSet("fleet", settings, HubAddress::parse);
    if (hub.isPresent() && hub.get().gateway().isEmpty()) {
      throw new UserError(
          ExitCode.USAGE,
          "fleet: the address names no gateway"
              + settings.place("fleet", -1)
              + "; add ?gateway=NAME, as 'patronus fleet enrol NAME' prints it");
    }
    return hub;
  }

  /// The alert rules, and what is done when one fires.
  ///
  /// @throws UserError of usage, that names the setting, its line and the column of the mistake
  public static AlertSettings alerts(Settings settings) {
    List<Budget> budgets = rules("budget", settings, Budget::parse, Budget::name);
    List<AlertRule> rules = rules("alert", settings, text -> alert(text, budgets), AlertRule::name);
    return new AlertSettings(
        rules,
        budgets,
        ifSet("alert-command", settings, AlertSettings::absolute),
        ifSet("alert-webhook", settings, AlertSettings::webhook),
        ifSet("alert-mail", settings, AlertSettings::mailAddress),
        one("alert-sendmail", Optional.empty(), settings, AlertSettings::absolute),
        settings.zone());
  }

  /// Reads the values of a key that have names, of which none stands twice.
  private static <T> List<T> rules(
      String key, Settings settings, Function<String, T> reading, Function<T, String> name) {
    List<String> texts = settings.texts(key);
    List<T> rules = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < texts.size(); i++) {
      try {
        rules.add(reading.apply(texts.get(i)));
      } catch (UnreadableRule e) {
        throw new UserError(
            ExitCode.USAGE, key + ": " + e.getMessage() + settings.place(key, i, e.offset()), e);
      }
      if (!names.add(name.apply(rules.getLast()))) {
        throw new UserError(
            ExitCode.USAGE,
            key
                + ": there are two rules '"
                + name.apply(rules.getLast())
                + "'"
                + settings.place(key, i, 0));
      }
    }
    return rules;
  }

  private static AlertRule alert(String text, List<Budget> budgets) {
    AlertRule rule = AlertRule.parse(text);
    if (rule.subject() instanceof Subject.BudgetUse(String name, _)
        && budgets.stream().noneMatch(budget -> budget.name().equals(name))) {
      throw new UnreadableRule(
          text.indexOf(name, text.indexOf("budget")), "there is no budget '" + name + "'");
    }
    return rule;
  }

  /// The guards that are configured; empty where none are.
  ///
  /// @throws UserError of usage, that names the setting and what it takes
  public static Optional<GuardLevel> guards(Settings settings) {
    return ifSet("platform-guards", settings, GuardLevel::parse);
  }

  /// How long traffic is kept.
  ///
  /// @throws UserError of usage, that names the setting and what it takes
  public static Retention retention(Settings settings) {
    return one(RETENTION, Optional.empty(), settings, Retention::parse);
  }

  /// How long a deleted site or policy can be restored.
  ///
  /// @throws UserError of usage, that names the setting and what it takes
  public static Duration deletedKeep(Settings settings) {
    return one("deleted-sites-keep", Optional.empty(), settings, DurationText::parse);
  }

  private static ExportCorrections corrections(Settings settings) {
    List<String> none = List.of();
    try {
      return ExportCorrections.of(
          each("sampling", none, settings, ExportCorrections.Sampling::parse),
          ifSet("sampling-default", settings, ExportCorrections::parseRate).orElse(0L),
          ifSet("max-rate", settings, ExportCorrections::bits)
              .map(OptionalLong::of)
              .orElseGet(OptionalLong::empty),
          each("exporter-name", none, settings, ExportCorrections.Name::parse));
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, ErrorText.of(e), e);
    }
  }

  private static <T> Optional<T> ifSet(String key, Settings settings, Function<String, T> reading) {
    return settings.text(key).map(text -> understand(key, settings.place(key, -1), text, reading));
  }

  private static <T> List<T> each(
      String key, List<String> typed, Settings settings, Function<String, T> reading) {
    if (!typed.isEmpty()) {
      return typed.stream().map(text -> understand(key, "", text, reading)).toList();
    }
    List<String> texts = settings.texts(key);
    List<T> values = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      values.add(understand(key, settings.place(key, i), texts.get(i), reading));
    }
    return values;
  }

  private static <T> T one(
      String key,
      Optional<String> typed,
      Settings settings,
      String defaultValue,
      Function<String, T> reading) {
    if (typed.isPresent()) {
      return understand(key, "", typed.get(), reading);
    }
    return understand(
        key, settings.place(key, -1), settings.text(key).orElse(defaultValue), reading);
  }

  /// The same of a key whose default is always the same.
  private static <T> T one(
      String key, Optional<String> typed, Settings settings, Function<String, T> reading) {
    return one(key, typed, settings, Settings.defaultValue(key).orElseThrow(), reading);
  }

  /// @param place where the text stands, as messages say it; empty on the command line
  private static <T> T understand(
      String key, String place, String text, Function<String, T> reading) {
    try {
      return reading.apply(text);
    } catch (IllegalArgumentException | UserError e) {
      throw new UserError(ExitCode.USAGE, key + ": " + e.getMessage() + place, e);
    }
  }

  private static Duration atLeastASecond(String text) {
    Duration duration = DurationText.parse(text);
    if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("must be at least 1s, was '" + text + "'");
    }
    return duration;
  }

  /// Where state is kept unless somebody says otherwise: the platform's folder, else beside the
  /// database.
  public static String stateDir(Path database) {
    Path folder = Settings.DEFAULT_DATABASE.getParent();
    if (folder != null && Files.isDirectory(folder) && Files.isWritable(folder)) {
      return folder.toString();
    }
    // The root has no parent; that it is no database is said when it is opened.
    return database.toAbsolutePath().resolveSibling("").toString();
  }

  private static boolean flag(Settings settings, String key) {
    return one(key, Optional.empty(), settings, DaemonSettings::yesOrNo);
  }

  private static int flowCount(String text) {
    try {
      int count = Integer.parseInt(text.strip());
      if (count >= 0 && count <= PLATFORM_FLOWS_MOST) {
        return count;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw new IllegalArgumentException(
        "must be a number from 0 to " + PLATFORM_FLOWS_MOST + ", was '" + text + "'");
  }

  private static boolean yesOrNo(String text) {
    return switch (text) {
      case "yes", "true", "on", "1" -> true;
      case "no", "false", "off", "0" -> false;
      default -> throw new IllegalArgumentException("must be yes or no, was '" + text + "'");
    };
  }
}
