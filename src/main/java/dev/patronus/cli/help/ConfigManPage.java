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
          "busy-timeout",
          "how long to wait for another program's lock (default: 5s)",
          "deleted-sites-keep",
          "how long a deleted site or policy can be restored (default: 30d)",
          "exporter-name",
          "a name for a flow exporter, shown by status; may be repeated",
          "platform-guards",
          "the deletions of the platform that triggers in its database make possible beside our"
              + " rows: policies, all (of sites, too, which can be restored then) or off; the daemon"
              + " makes or removes them at its start and on HUP"
              + " (default: what 'db migrate --guards' last chose, else policies)",
          "purge-expired",
          "whether the daemon deletes the archives of deleted sites and policies once a day when they"
              + " have expired (default: yes)",
          "max-rate",
          "the most bits per second that any exporter's link carries (default: 400G); a source"
              + " can have its own, ?max-rate=10G",
          "sampling",
          "the packets that one sampled packet of this exporter, or of one of its observation"
              + " domains (sub-agents in sFlow), represents; overrides the rate that it sends; may"
              + " be repeated",
          "sampling-default",
          "the same for all exporters that send no rate (default: 1)");

  private static final Map<String, String> VALUES =
      Map.of(
          "exporter-name", "ADDRESS NAME",
          "max-rate", "BITS",
          "platform-guards", "LEVEL",
          "purge-expired", "yes|no",
          "sampling", "ADDRESS[/DOMAIN] RATE",
          "sampling-default", "RATE");

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
    page.summary("patronus.conf", "configuration file of patronus");
    page.section("EXAMPLES");
    page.lines(
        """
        db = /var/lib/patronus/sdwan.db
        source = netflow://127.0.0.1:2055
        allow-exporter = 192.0.2.0/24
        retention = raw:30d 5m:62d 1h:397d 1d:forever
        """);
    page.section("DESCRIPTION");
    page.text(
        "Lines of 'key = value'. A line that begins with # is a comment. Command line"
            + " options override environment variables, which override this file. source"
            + " and allow-exporter may be given several times. conntrack: and a flow"
            + " exporter on this machine report the same packets, which would be counted"
            + " twice: use only one of the two.");
    page.section("KEYS");
    new TreeSet<>(Settings.KEYS).forEach(this::key);
    retention();
    reloading();
    page.section("ENVIRONMENT");
    page.item("PATRONUS_CONFIG", "this file, if --config is not given");
    page.item("PATRONUS_FLOW_TIMEOUT", "flow-timeout, and likewise for each key");
    page.item("PATRONUS_DB_PATH", "db");
    page.section("FILES");
    page.item(Settings.DEFAULT_CONFIG.toString(), "the default location");
    page.section("SEE ALSO");
    page.text("patronus(1), patronus-daemon(1), patronus-db-prune(1)");
    return page.toString();
  }

  private void key(String key) {
    OptionSpec option = option(key);
    if (option == null) {
      page.item(key + " = " + VALUES.getOrDefault(key, "DURATION"), WITHOUT_OPTION.get(key));
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
        "How long the daemon keeps traffic: raw rows (one per policy and minute), and"
            + " roll-ups by 5 minutes (5m), hours (1h) and days (1d, in UTC), each as"
            + " WHAT:AGE or WHAT:forever; an age alone (90d) is that of raw rows, and off keeps"
            + " all. What is left out has its default, and what is coarser is kept at least as"
            + " long as what is finer. Nothing goes before it is rolled up, so no sum changes;"
            + " only steps get coarser with age. To export every row with 'export stats"
            + " --since-last', run it more often than the age of raw rows. After the clock has"
            + " jumped ahead, the daemon waits one day before it deletes. What it deletes within"
            + " a day is one row of the audit trail, database_expire.");
  }

  private void reloading() {
    page.section("RELOADING");
    page.text(
        "On HUP the daemon reloads this file. Changes of db, socket, state-dir and"
            + " flow-timeout require a restart, which the daemon logs. If the file is"
            + " invalid, the previous configuration is kept.");
  }
}
