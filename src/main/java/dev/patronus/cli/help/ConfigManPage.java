package dev.patronus.cli.help;

import dev.patronus.config.Settings;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The manual page of the configuration file: its keys mean what the options of the same names
/// mean, and are read from them.
public final class ConfigManPage {
  /// The keys that are no option of the daemon's or of every command.
  private static final Map<String, String> WITHOUT_OPTION =
      Map.ofEntries(
          Map.entry("busy-timeout", "how long to wait for another program's lock (default: 5s)"),
          Map.entry(
              "deleted-sites-keep",
              "how long a deleted site or policy can be restored (default: 30d)"),
          Map.entry(
              "exporter-name", "a name for a flow exporter, shown by status; may be repeated"),
          Map.entry(
              "fleet",
              "the hub that the daemon sends its history to, as 'patronus fleet enrol' prints it:"
                  + " postgresql://ROLE@HOST/DATABASE?gateway=NAME; it may have more parameters of"
                  + " libpq: sslmode (default: verify-full, but prefer on this machine), sslrootcert"
                  + " (default: ~/.postgresql/root.crt, else the system's), sslcert, sslkey, passfile"
                  + " (default: PGPASSFILE, else ~/.pgpass), service, connect_timeout,"
                  + " target_session_attrs. A password is refused here. The daemon sends to the hub of the"
                  + " configuration file alone; PATRONUS_FLEET names the one that commands read"
                  + " (default: none)"),
          Map.entry(
              "platform-flows",
              "how many of the largest flows the daemon writes into the platform's table"
                  + " sdwan_flows with each snapshot, for its flow page: those that a policy takes"
                  + " and that have a path, both directions in one row; at most 1000 (default: 0,"
                  + " none). Rows of flows that have ended are removed, and all at a stop; rows of"
                  + " other programs are not touched"),
          Map.entry(
              "platform-guards",
              "the deletions of the platform that triggers in its database make possible beside our"
                  + " rows: policies, all (of sites, too, which can be restored then) or off; the daemon"
                  + " makes or removes them at its start and on HUP"
                  + " (default: what 'db migrate --guards' last chose, else policies)"),
          Map.entry(
              "purge-expired",
              "whether the daemon deletes the archives of deleted sites and policies once a day when they"
                  + " have expired (default: yes)"),
          Map.entry(
              "max-rate",
              "the most bits per second that any exporter's link carries (default: 400G); a source"
                  + " can have its own, ?max-rate=10G"),
          Map.entry(
              "roles",
              "which groups may do what, as described below (default: whatever the rights of files"
                  + " allow)"),
          Map.entry(
              "sampling",
              "the packets that one sampled packet of this exporter, or of one of its observation"
                  + " domains (sub-agents in sFlow), represents; overrides the rate that it sends; may"
                  + " be repeated"),
          Map.entry(
              "sampling-default", "the same for all exporters that send no rate (default: 1)"),
          Map.entry("alert", "a rule of an alert, as described below; may be repeated"),
          Map.entry(
              "budget",
              "a volume that traffic may have in each period, as described below; may be repeated"),
          Map.entry(
              "alert-command",
              "a program that is run without arguments when an alert fires or recovers; what"
                  + " happened is in its environment (PATRONUS_ALERT_NAME, _STATE, _MESSAGE, _VALUE, _LIMIT,"
                  + " _UNIT, _RULE, _SINCE, _AT, _HOST, _DATABASE, _TEST). It has 30 s"),
          Map.entry(
              "alert-mail", "an address that a mail is written to when an alert fires or recovers"),
          Map.entry(
              "alert-sendmail",
              "the program that sends mail, with the interface of sendmail(8) (default:"
                  + " /usr/sbin/sendmail)"),
          Map.entry(
              "alert-webhook",
              "a URL that a JSON document is posted to when an alert fires or recovers; redirects are"
                  + " not followed. It has 15 s; as for mail and the command, three further attempts follow within"
                  + " two minutes"));

  private static final Map<String, String> VALUES =
      Map.ofEntries(
          Map.entry("alert", "NAME: RULE"),
          Map.entry("budget", "NAME: BUDGET"),
          Map.entry("alert-command", "FILE"),
          Map.entry("alert-mail", "ADDRESS"),
          Map.entry("alert-sendmail", "FILE"),
          Map.entry("alert-webhook", "URL"),
          Map.entry("exporter-name", "ADDRESS NAME"),
          Map.entry("fleet", "ADDRESS"),
          Map.entry("max-rate", "BITS"),
          Map.entry("platform-flows", "N"),
          Map.entry("platform-guards", "LEVEL"),
          Map.entry("purge-expired", "yes|no"),
          Map.entry("roles", "ROLE:GROUP,... ..."),
          Map.entry("sampling", "ADDRESS[/DOMAIN] RATE"),
          Map.entry("sampling-default", "RATE"));

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
    alerts();
    budgets();
    retention();
    guards();
    roles();
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

  private void alerts() {
    page.section("ALERTS");
    page.text("A rule is evaluated by the daemon with each snapshot.");
    page.lines(
        """
        alert = busy: policy voice byte-rate > 10M for 5m
        alert = quiet: policy backup byte-rate < 50% of usual for 15m
        alert = links: total bit-rate > 900Mbit/s clear 800Mbit/s cooldown 1h
        alert = idle: policy "guest net" idle > 10m
        alert = stale: age > 3m
        alert = loss: path 7 loss > 2% for 3m
        alert = oslo: site oslo not-seen 10m
        alert = disk: disk < 10%
        alert = drops: drops > 100
        alert = sampling: sampling changed
        """);
    page.text(
        "A name of letters, digits, '-', '_' and '.' and a colon come first; then what is measured:");
    page.item(
        "policy NAME|total|unmatched MEASURE RELATION VALUE",
        "traffic: packets, bytes, flows, packet-rate, byte-rate, bit-rate or idle. A number takes"
            + " k, M, G or T, and B, Mbit/s or Mbps and the like without a blank before them; without"
            + " a unit it counts bytes, and bits behind bit-rate. Rates are those since the snapshot before. A byte-rate or packet-rate can"
            + " be compared with 'N% of usual': the median of the mean rates of the same hour (of"
            + " the clocks in tz) of the last 14 days, from the roll-ups; a day without a snapshot"
            + " in that hour is left out, and with fewer than 3 days the rule has nothing to"
            + " compare");
    page.item("age RELATION TIME", "the age of the newest snapshot");
    page.item(
        "path ID latency|jitter|loss|bandwidth|score|age RELATION VALUE",
        "the newest measurement of a path, in ms, per cent and Mbit/s; age is that of the"
            + " measurement");
    page.item(
        "budget NAME [forecast] [RELATION PERCENT]",
        "how much of a budget is used, or will be at the end of its period (default: > 100%); read"
            + " every five minutes");
    page.item("site NAME not-seen TIME", "the time since the platform last heard from the site");
    page.item(
        "disk [RELATION BYTES|PERCENT]",
        "the room that is left on the disk of the database (default: < 10%)");
    page.item(
        "drops [RELATION NUMBER]",
        "records that sources dropped or lost since the snapshot before (default: > 0)");
    page.item(
        "sampling changed",
        "the sampling rate of an exporter is another than with the snapshot before; it recovers"
            + " with the next one");
    page.paragraph();
    page.text("At the end of a rule, in any order:");
    page.item(
        "for TIME",
        "how long the value must be beyond the limit before the alert fires (default: 0s)");
    page.item(
        "clear VALUE",
        "the limit behind which the alert recovers (default: a tenth of the limit inside it: > 10M"
            + " recovers at 9M)");
    page.item("cooldown TIME", "the shortest time between two firings (default: 10m)");
    page.paragraph();
    page.text(
        "Where there is nothing to compare (no such policy, path or site, no measurement), an alert"
            + " does not fire, and one that fires goes on. States survive a restart of the daemon.");
  }

  private void budgets() {
    page.section("BUDGETS");
    page.lines(
        """
        budget = backup: policy backup 2TB per month from day 15 warn 80%
        budget = all: total 500GB per week from monday
        """);
    page.text(
        "A name and a colon, then whose traffic (policy NAME, total or unmatched), the volume in bytes"
            + " and the period: month (from day 1 to 28), week (from a weekday, else from monday) or"
            + " day, of the clocks in tz. 'stats budget' shows them; from the part behind warn"
            + " (default: 80%) on their state is warning.");
  }

  private void key(String key) {
    OptionSpec option = option(key);
    if (option == null) {
      page.item(
          key + " = " + VALUES.getOrDefault(key, "DURATION"),
          Objects.requireNonNull(WITHOUT_OPTION.get(key), key));
    } else if (option.arity().max() == 0) {
      page.item(key + " = yes|no", option.description());
    } else {
      page.item(key + " = " + option.paramLabel(), option.description());
    }
  }

  private @Nullable OptionSpec option(String key) {
    OptionSpec ofEvery = root.findOption("--" + key);
    return ofEvery == null
        ? Objects.requireNonNull(root.subcommands().get("daemon"))
            .getCommandSpec()
            .findOption("--" + key)
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

  private void guards() {
    page.section("GUARDS");
    page.text(
        "With platform-guards = all, the dashboard can delete sites, and 'site restore' brings them"
            + " back. A trigger knows only the row that goes, so there are limits. Paths and"
            + " endpoints that were deleted up to 60 seconds before their site count as part of its"
            + " deletion and come back with it; paths that went earlier, or alone, have an archive"
            + " of their own, named SITE (paths). An endpoint whose site does not follow within"
            + " that time is not kept. A restored site is 'deleted by platform', and the audit"
            + " trail has only the platform's own row of the deletion. What a foreign key with ON"
            + " DELETE SET NULL in a table of others empties is not filled again. Columns that the"
            + " platform adds are archived once the guards are made again, at a start of the daemon,"
            + " on HUP or by 'db migrate'. The platform's transaction lasts as long as it takes to"
            + " archive all measurements of the site's paths.");
  }

  private void roles() {
    page.section("ROLES");
    page.lines(
        """
        roles = admin:netadmin operator:noc,oncall viewer:staff
        """);
    page.text(
        "Maps groups of this machine, by name or number, to the roles of the platform. Each role may"
            + " do what those before it may:");
    page.item("viewer", "reads; if no group is a viewer, everybody is one");
    page.item(
        "operator",
        "silences and tests alerts, saves measurements ('path probe --save'), removes expired cache"
            + " entries");
    page.item(
        "admin",
        "deletes, restores and purges sites, policies and leftovers, resets counters, clears caches,"
            + " prunes and migrates the database");
    page.text(
        "A user has the highest role of their groups in the group database and of the group that"
            + " their process runs with. The user is the one that the kernel names, and for the"
            + " control socket the one at its other end; SUDO_USER and the like are not believed."
            + " Root is an admin, unless the group root has another role. --dry-run requires what"
            + " reading requires. A refusal has the exit code 5 and is recorded in the audit trail"
            + " (authorization_failed): by the daemon once a minute at most for each user and"
            + " command, by a command if its user may write to the database.");
    page.text(
        "The daemon enforces the roles for all that goes over its socket. Commands that change the"
            + " database themselves enforce them on the database that this file names (db, else the"
            + " default), also if --config names another file; but anyone who may write to the file of"
            + " the database can change it with any other program. Give write access to that file"
            + " and its folder only to those whom you trust, and let others join the group of the"
            + " socket alone. The daemon, and what root runs through sudo(8), are not restricted."
            + " No variable of the environment sets roles.");
  }

  private void reloading() {
    page.section("RELOADING");
    page.text(
        "On HUP the daemon reloads this file. Changes of db, socket, state-dir and"
            + " flow-timeout require a restart, which the daemon logs. If the file is"
            + " invalid, the previous configuration is kept.");
  }
}
