package dev.patronus.cli.help;

import dev.patronus.config.Settings;
import java.util.Map;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The manual page of the configuration file: its keys mean what the options of the same names
/// mean, and are read from them.
public final class ConfigManPage {
  /// The keys that are no option of the daemon's or of every command.
  private static final Map<String, String> WITHOUT_OPTION =
      Map.of(
          "busy-timeout", "how long a lock of another program is waited for (default: 5s)",
          "deleted-sites-keep", "how long a deleted site can be restored (default: 30d)");

  private final CommandSpec root;
  private final Roff page = new Roff("patronus.conf", 5);

  private ConfigManPage(CommandSpec root) {
    this.root = root;
  }

  /// The page.
  public static String of(CommandSpec root) {
    return new ConfigManPage(root).render();
  }

  private String render() {
    page.section("NAME");
    page.summary("patronus.conf", "what patronus is told without a flag");
    page.section("EXAMPLES");
    page.lines(
        """
        db = /var/lib/patronus/sdwan.db
        source = netflow://127.0.0.1:2055
        allow-exporter = 192.0.2.0/24
        retention = 1m:48h 5m:14d 1h:397d 1d:forever
        """);
    page.section("DESCRIPTION");
    page.text(
        "Lines of 'key = value'. A line that begins with # is a comment. A flag beats an environment"
            + " variable, and a variable beats this file. source and allow-exporter may stand"
            + " several times. conntrack: and a flow exporter on this machine tell of the same"
            + " packets, which would be counted twice: keep one of the two.");
    page.section("KEYS");
    new TreeSet<>(Settings.KEYS).forEach(this::key);
    retention();
    reloading();
    page.section("ENVIRONMENT");
    page.item("PATRONUS_CONFIG", "this file, where --config does not name it");
    page.item("PATRONUS_FLOW_TIMEOUT", "flow-timeout, and so on for each key");
    page.item("PATRONUS_DB_PATH", "db");
    page.section("FILES");
    page.item(Settings.USUAL_CONFIG.toString(), "where it is, if nothing else is said");
    page.section("SEE ALSO");
    page.text("patronus(1), patronus-daemon(1), patronus-db-thin(1)");
    return page.toString();
  }

  private void key(String key) {
    OptionSpec option = option(key);
    if (option == null) {
      page.item(key + " = DURATION", WITHOUT_OPTION.get(key));
    } else if (option.arity().max() == 0) {
      page.item(key + " = yes|no", option.description());
    } else {
      page.item(key + " = " + option.paramLabel(), option.description());
    }
  }

  private OptionSpec option(String key) {
    OptionSpec ofEvery = root.findOption("--" + key);
    return ofEvery == null
        ? root.subcommands().get("daemon").getCommandSpec().findOption("--" + key)
        : ofEvery;
  }

  private void retention() {
    page.section("RETENTION");
    page.text(
        "Tiers of RESOLUTION:AGE, the finest first: 5m:14d keeps one row of each policy for each"
            + " five minutes until it is 14 days old. No sum between two rows that stay is changed."
            + " Whoever fetches rows with 'export stats --since-last', and wants each, does so more"
            + " often than the age of the first tier. After a clock that jumped ahead the daemon"
            + " waits for a day before it deletes.");
  }

  private void reloading() {
    page.section("RELOADING");
    page.text(
        "HUP has the daemon read this file again. What is said of db, socket, state-dir and"
            + " flow-timeout waits for a restart, and the daemon says so; a file with a mistake"
            + " changes nothing.");
  }
}
