package dev.patronus.config;

import static java.util.Objects.requireNonNull;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.fleet.address.HubAddress;
import dev.patronus.history.tier.Retention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the environment and the configuration file say; a variable takes precedence.
///
/// Immutable. The key `flow-timeout` of the file is `PATRONUS_FLOW_TIMEOUT` in the environment; the
/// database is `PATRONUS_DB_PATH`, the platform's own variable.
public final class Settings {
  public static final Path DEFAULT_CONFIG = Path.of("/etc/patronus/patronus.conf");
  public static final Path DEFAULT_DATABASE = Path.of("/var/lib/patronus/sdwan.db");

  /// The keys that the configuration file may have; each is an option of the same name.
  public static final Set<String> KEYS =
      Set.of(
          "alert",
          "alert-command",
          "alert-mail",
          "alert-sendmail",
          "alert-webhook",
          "allow-exporter",
          "budget",
          "busy-timeout",
          "count-replies",
          "count-tunnels",
          "db",
          "deleted-sites-keep",
          "exporter-name",
          "fleet",
          "flow-timeout",
          "max-rate",
          "metrics-listen",
          "platform-flows",
          "platform-guards",
          "purge-expired",
          "retention",
          "roles",
          "sampling",
          "sampling-default",
          "snapshot-every",
          "socket",
          "source",
          "state-dir",
          "tz");

  /// The keys that may stand several times.
  private static final Set<String> REPEATABLE =
      Set.of("alert", "allow-exporter", "budget", "exporter-name", "sampling", "source");

  /// The keys that no variable of the environment sets: what a user may do is not theirs to say.
  private static final Set<String> FILE_ONLY = Set.of("roles");

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("alert-sendmail", "/usr/sbin/sendmail"),
          Map.entry("busy-timeout", "5s"),
          Map.entry("count-replies", "no"),
          Map.entry("count-tunnels", "no"),
          Map.entry("deleted-sites-keep", "30d"),
          Map.entry("flow-timeout", "300s"),
          Map.entry("max-rate", "400G"),
          Map.entry("metrics-listen", "127.0.0.1:9469"),
          Map.entry("platform-flows", "0"),
          Map.entry("purge-expired", "yes"),
          Map.entry("retention", Retention.DEFAULT.text()),
          Map.entry("snapshot-every", "60s"),
          Map.entry("tz", "local"));

  /// The variables that are read besides those of the keys: by this program, and by the script that
  /// starts it.
  private static final Set<String> OTHER_VARIABLES =
      Set.of("PATRONUS_CONFIG", "PATRONUS_JAVA_OPTS", "PATRONUS_PAGER");

  private static final Path RUN = Path.of("/run/patronus");

  /// What the names of all variables begin with.
  public static final String PREFIX = "PATRONUS_";

  private final ConfigFile file;
  private final Map<String, String> env;

  private Settings(ConfigFile file, Map<String, String> env) {
    this.file = file;
    this.env = env;
  }

  /// Reads the configuration.
  ///
  /// @param named the file that the user named, which must be there; empty for the default one,
  ///   which may be missing
  /// @throws UserError if a file cannot be read or understood
  public static Settings read(Optional<Path> named, Map<String, String> env) {
    String variable = env.get("PATRONUS_CONFIG");
    if (named.isPresent()) {
      return new Settings(ConfigFile.read(named.get()), env);
    }
    if (variable != null && !variable.isEmpty()) {
      return new Settings(ConfigFile.read(Path.of(variable)), env);
    }
    boolean there = Files.exists(DEFAULT_CONFIG);
    return new Settings(there ? ConfigFile.read(DEFAULT_CONFIG) : ConfigFile.EMPTY, env);
  }

  /// The configuration file that was read; empty where there is none.
  public Optional<Path> path() {
    return file == ConfigFile.EMPTY ? Optional.empty() : Optional.of(file.path());
  }

  /// The value of a key; empty where neither the environment nor the file has it.
  public Optional<String> text(String key) {
    String value = fromEnvironment(key);
    return value.isEmpty() ? file.value(key) : Optional.of(value);
  }

  /// What the file alone says.
  Settings ofFile() {
    return new Settings(file, Map.of());
  }

  /// A warning if the variable of the hub that commands read names a gateway, as if that were to
  /// send there, and the file has no hub to send to; empty if not.
  public Optional<String> hubNotSentTo() {
    boolean sending = fromEnvironment("fleet").contains("gateway=");
    return sending && file.value("fleet").isEmpty()
        ? Optional.of(
            variable("fleet")
                + ": names the hub that commands read; to send to it, set fleet in the"
                + " configuration file")
        : Optional.empty();
  }

  /// All values of a key that may stand several times; in the environment they are apart by commas.
  public List<String> texts(String key) {
    String value = fromEnvironment(key);
    return value.isEmpty() ? file.values(key) : List.of(value.split(",", -1));
  }

  /// A value in force, and where it stands: `PATRONUS_SOURCE`, `/etc/patronus/patronus.conf line
  /// 4`.
  public record Placed(@Nullable String value, String place) {}

  /// The values of a key that are in force, each with its place; empty where neither the
  /// environment nor the file has one.
  public List<Placed> placed(String key) {
    String variable = fromEnvironment(key);
    if (!variable.isEmpty()) {
      return List.of(new Placed(variable, variable(key)));
    }
    List<ConfigFile.Line> lines = file.lines().getOrDefault(key, List.of());
    List<ConfigFile.Line> inForce =
        lines.isEmpty() || REPEATABLE.contains(key) ? lines : List.of(lines.getLast());
    return inForce.stream().map(line -> new Placed(line.value(), place(line))).toList();
  }

  private String place(ConfigFile.Line line) {
    return file.path() + " line " + line.number();
  }

  /// Where a value stands, for the end of a message: ` (PATRONUS_SOURCE)`, ` (/etc/… line 4)`;
  /// empty where nothing stands.
  ///
  /// @param index which of several values; -1 for the last
  String place(String key, int index) {
    List<Placed> all = placed(key);
    if (all.isEmpty()) {
      return "";
    }
    // a variable is one place, however many values it has
    int at = index < 0 ? all.size() - 1 : Math.min(index, all.size() - 1);
    return " (" + all.get(at).place() + ")";
  }

  /// The same for a mistake at a character of the value, from 0: ` (/etc/… line 4, column 31)`.
  String place(String key, int index, int offset) {
    if (!fromEnvironment(key).isEmpty()) {
      return " ("
          + variable(key)
          + ", character "
          + (offset + 1)
          + " of value "
          + (index + 1)
          + ")";
    }
    ConfigFile.Line line = requireNonNull(file.lines().get(key)).get(index);
    return " (" + place(line) + ", column " + (line.column() + offset) + ")";
  }

  /// What holds for a key that nothing sets; empty where that is computed, or where it is nothing.
  public static Optional<String> defaultValue(String key) {
    return Optional.ofNullable(DEFAULTS.get(key));
  }

  /// The value of the variable of a key; empty where there is none, or it is empty.
  private String fromEnvironment(String key) {
    return FILE_ONLY.contains(key) ? "" : env.getOrDefault(variable(key), "");
  }

  private static String variable(String key) {
    return key.equals("db")
        ? "PATRONUS_DB_PATH"
        : PREFIX + key.replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /// The variables that are read, in order.
  public static Set<String> variables() {
    Set<String> names = new TreeSet<>(OTHER_VARIABLES);
    KEYS.stream().filter(key -> !FILE_ONLY.contains(key)).forEach(key -> names.add(variable(key)));
    return names;
  }

  /// The variables of the environment that are named like ours and that nothing reads, in order.
  public Set<String> unknownVariables() {
    Set<String> unknown = new TreeSet<>(env.keySet());
    unknown.removeIf(name -> !name.startsWith(PREFIX));
    unknown.removeAll(variables());
    return unknown;
  }

  /// The settings whose roles hold for a database: of the configuration files that were read and of
  /// the default one, those that name this database and have roles. Naming another file with
  /// `--config` thus does not change what a user may do.
  ///
  /// @throws UserError if the default file cannot be understood
  public List<Settings> withRolesFor(Path database) {
    List<Settings> all = new ArrayList<>(List.of(this));
    boolean isDefault = path().filter(DEFAULT_CONFIG::equals).isPresent();
    if (!isDefault && Files.isReadable(DEFAULT_CONFIG)) {
      all.add(new Settings(ConfigFile.read(DEFAULT_CONFIG), Map.of()));
    }
    all.removeIf(each -> each.file.value("roles").isEmpty());
    all.removeIf(
        each -> !isSame(each.file.value("db").map(Path::of).orElse(DEFAULT_DATABASE), database));
    return all;
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return Files.isSameFile(one, other);
    } catch (IOException _) {
      return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }
  }

  public ConfigFile file() {
    return file;
  }

  /// The file that a key names; empty where nothing says one.
  ///
  /// @throws UserError if the key stands without a value, which would name a folder
  private Optional<Path> file(String key) {
    Optional<String> name = text(key);
    if (name.filter(String::isBlank).isPresent()) {
      throw new UserError(
          ExitCode.USAGE,
          key
              + " has no value"
              + place(key, -1)
              + "; write "
              + key
              + " = FILE, or remove the line");
    }
    return name.map(Path::of);
  }

  public Path databaseFile() {
    return file("db").orElse(DEFAULT_DATABASE);
  }

  /// Where the daemon's socket is: as configured, else in `/run/patronus` if that folder is there,
  /// else beside the database.
  public Path socketFile(Path database) {
    return file("socket")
        .orElseGet(() ->
            Files.isDirectory(RUN)
                ? RUN.resolve("patronus.sock")
                : database.toAbsolutePath().resolveSibling("patronus.sock"));
  }

  /// The hub that commands read: the one that was typed, else that of the setting `fleet`; empty
  /// where neither says one. A blank address is none.
  ///
  /// @throws UserError of usage, if the address cannot be read
  public Optional<HubAddress> hub(Optional<String> typed) {
    return typed
        .or(() -> text("fleet"))
        .filter(address -> !address.isBlank())
        .map(HubAddress::parse);
  }

  /// The zone for people: as configured, else the system's.
  public ZoneId zone() {
    String zone = text("tz").orElse("local");
    try {
      return zone.equals("local") ? ZoneId.systemDefault() : ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw new UserError(
          ExitCode.USAGE, "no time zone '" + zone + "' (setting tz); try UTC or Europe/Berlin", e);
    }
  }
}
