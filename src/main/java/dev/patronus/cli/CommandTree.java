package dev.patronus.cli;

import static dev.patronus.cli.command.CommandNode.command;
import static dev.patronus.cli.command.CommandNode.group;

import dev.patronus.cli.alert.AlertListCommand;
import dev.patronus.cli.alert.AlertShowCommand;
import dev.patronus.cli.alert.AlertSilenceCommand;
import dev.patronus.cli.alert.AlertTestCommand;
import dev.patronus.cli.command.Command.Example;
import dev.patronus.cli.command.CommandNode;
import dev.patronus.cli.command.CommandNode.Profile;
import dev.patronus.cli.daemon.CacheCleanupCommand;
import dev.patronus.cli.daemon.CacheClearCommand;
import dev.patronus.cli.daemon.CacheStatsCommand;
import dev.patronus.cli.daemon.ConfigShowCommand;
import dev.patronus.cli.daemon.DoctorCommand;
import dev.patronus.cli.daemon.StatusCommand;
import dev.patronus.cli.db.AuditCommand;
import dev.patronus.cli.db.DbBackupCommand;
import dev.patronus.cli.db.DbCheckCommand;
import dev.patronus.cli.db.DbInitCommand;
import dev.patronus.cli.db.DbMigrateCommand;
import dev.patronus.cli.db.DbPruneCommand;
import dev.patronus.cli.db.DbThinCommand;
import dev.patronus.cli.db.SqlCommand;
import dev.patronus.cli.deletion.DeletedCommand;
import dev.patronus.cli.deletion.LeftoversCommand;
import dev.patronus.cli.deletion.LeftoversDeleteCommand;
import dev.patronus.cli.deletion.PurgeCommand;
import dev.patronus.cli.deletion.RestoreCommand;
import dev.patronus.cli.export.ExportAuditCommand;
import dev.patronus.cli.export.ExportFailoverEventsCommand;
import dev.patronus.cli.export.ExportFlowsCommand;
import dev.patronus.cli.export.ExportPathHealthCommand;
import dev.patronus.cli.export.ExportPathMetricsCommand;
import dev.patronus.cli.export.ExportPoliciesCommand;
import dev.patronus.cli.export.ExportSitesCommand;
import dev.patronus.cli.export.ExportStatsCommand;
import dev.patronus.cli.export.ExportSystemMetricsCommand;
import dev.patronus.cli.failover.FailoverListCommand;
import dev.patronus.cli.failover.FailoverShowCommand;
import dev.patronus.cli.fleet.FleetEnrolCommand;
import dev.patronus.cli.fleet.FleetInitCommand;
import dev.patronus.cli.fleet.FleetPruneCommand;
import dev.patronus.cli.fleet.FleetRevokeCommand;
import dev.patronus.cli.fleet.FleetStatusCommand;
import dev.patronus.cli.path.PathHistoryCommand;
import dev.patronus.cli.path.PathListCommand;
import dev.patronus.cli.path.PathProbeCommand;
import dev.patronus.cli.path.PathShowCommand;
import dev.patronus.cli.policy.PolicyCheckCommand;
import dev.patronus.cli.policy.PolicyDeleteCommand;
import dev.patronus.cli.policy.PolicyDiffCommand;
import dev.patronus.cli.policy.PolicyExplainCommand;
import dev.patronus.cli.policy.PolicyListCommand;
import dev.patronus.cli.policy.PolicyShowCommand;
import dev.patronus.cli.policy.PolicyTestCommand;
import dev.patronus.cli.report.ReportCommand;
import dev.patronus.cli.site.SiteDeleteCommand;
import dev.patronus.cli.site.SiteListCommand;
import dev.patronus.cli.site.SiteShowCommand;
import dev.patronus.cli.stats.StatsBudgetCommand;
import dev.patronus.cli.stats.StatsCommand;
import dev.patronus.cli.stats.StatsFlowsCommand;
import dev.patronus.cli.stats.StatsHistoryCommand;
import dev.patronus.cli.stats.StatsResetCommand;
import dev.patronus.site.ItemKind;
import java.util.List;

/// All commands, in the order in which the help shows them.
public final class CommandTree {
  private static final CommandNode STATS =
      command(
          "stats",
          "Show current traffic per policy.",
          StatsCommand::new,
          command("history", "Show traffic per policy over time.", StatsHistoryCommand::new),
          command("flows", "Show active flows.", StatsFlowsCommand::new).in(Profile.TABLE),
          command("budget", "Show how much of the budgets is used.", StatsBudgetCommand::new),
          command("reset", "Reset counters.", StatsResetCommand::new));

  private static final CommandNode REPORT =
      command("report", "Write a traffic report as one HTML page.", ReportCommand::new)
          .in(Profile.LONG);

  private static final CommandNode SITE =
      group(
          "site",
          "List, delete and restore sites.",
          new Example(
              "site delete berlin --dry-run",
              "preview of what would be deleted with the site berlin"),
          command("list", "List the sites.", SiteListCommand::new),
          command("show", "Show a site, its endpoints and paths.", SiteShowCommand::new),
          command(
              "delete",
              "Delete sites and everything that belongs to them.",
              SiteDeleteCommand::new),
          command(
              "deleted",
              "List deleted sites that can be restored.",
              () -> new DeletedCommand(ItemKind.SITE)),
          command("restore", "Restore deleted sites.", () -> new RestoreCommand(ItemKind.SITE)),
          command(
              "purge", "Permanently delete site archives.", () -> new PurgeCommand(ItemKind.SITE)));

  private static final CommandNode POLICY =
      group(
          "policy",
          "Show, explain, delete and restore routing policies.",
          new Example("policy list", "all policies in matching order"),
          command("list", "List the policies in matching order.", PolicyListCommand::new),
          command("show", "Show one policy.", PolicyShowCommand::new),
          command("check", "Find policies that match nothing.", PolicyCheckCommand::new),
          command(
              "explain",
              "Explain which policy and path a flow would use.",
              PolicyExplainCommand::new),
          command("test", "Test the policies with flows from a file.", PolicyTestCommand::new),
          command(
              "diff", "Show which live flows other policies would move.", PolicyDiffCommand::new),
          command("delete", "Delete policies and their counters.", PolicyDeleteCommand::new),
          command(
              "deleted",
              "List deleted policies that can be restored.",
              () -> new DeletedCommand(ItemKind.POLICY)),
          command(
              "restore", "Restore deleted policies.", () -> new RestoreCommand(ItemKind.POLICY)),
          command(
              "purge",
              "Permanently delete policy archives.",
              () -> new PurgeCommand(ItemKind.POLICY)));

  private static final CommandNode PATH =
      group(
          "path",
          "Show the paths between sites.",
          new Example("path list --status down,degraded", "paths with problems"),
          command("list", "List the paths with their latest metrics.", PathListCommand::new),
          command("show", "Show one path and its latest metrics.", PathShowCommand::new),
          command(
              "history",
              "Show latency, loss and uptime of paths over time.",
              PathHistoryCommand::new),
          command("probe", "Measure a path now.", PathProbeCommand::new));

  private static final CommandNode FAILOVER =
      group(
          "failover",
          "Show failover policies and their events.",
          new Example("failover list", "all failover policies with their active paths"),
          command("list", "List the failover policies.", FailoverListCommand::new),
          command("show", "Show one failover policy and its events.", FailoverShowCommand::new));

  private static final CommandNode ALERT =
      group(
          "alert",
          "List, show, test and silence alerts.",
          new Example("alert list", "all alerts with their states"),
          command("list", "List the alerts.", AlertListCommand::new),
          command("show", "Show one alert.", AlertShowCommand::new),
          command("test", "Send a test notice of an alert.", AlertTestCommand::new),
          command("silence", "Silence an alert for a time.", AlertSilenceCommand::new));

  private static final CommandNode CACHE =
      group(
          "cache",
          "Show and clear the daemon's caches.",
          new Example("cache stats", "hit rates and sizes of the caches"),
          command("stats", "Show cache statistics.", CacheStatsCommand::new),
          command("clear", "Clear one or both caches.", CacheClearCommand::new),
          command("cleanup", "Remove expired entries.", CacheCleanupCommand::new));

  private static final CommandNode EXPORT =
      group(
              "export",
              "Export the rows of a table as CSV, JSON or NDJSON.",
              new Example(
                  "export stats --since 7d --file week.csv.gz", "the last seven days, compressed"),
              command("stats", "Export the counters of policies.", ExportStatsCommand::new),
              command("path-metrics", "Export path measurements.", ExportPathMetricsCommand::new),
              command(
                  "path-health", "Export health samples of paths.", ExportPathHealthCommand::new),
              command(
                  "failover-events",
                  "Export the events of failover policies.",
                  ExportFailoverEventsCommand::new),
              command(
                  "system-metrics",
                  "Export the gateway's own measurements.",
                  ExportSystemMetricsCommand::new),
              command("sites", "Export the sites.", ExportSitesCommand::new),
              command("policies", "Export the policies.", ExportPoliciesCommand::new),
              command("flows", "Export the daemon's active flows.", ExportFlowsCommand::new),
              command("audit", "Export the audit trail.", ExportAuditCommand::new))
          .in(Profile.STREAM);

  private static final CommandNode DAEMON =
      command("daemon", "Collect traffic and save it.", DaemonCommand::new).in(Profile.DAEMON);

  private static final CommandNode STATUS =
      command("status", "Show the daemon's status.", StatusCommand::new);

  private static final CommandNode DB =
      group(
          "db",
          "Create, check, back up and maintain the database.",
          new Example("db check", "check integrity, age of the data and settings"),
          command("init", "Create an empty database.", DbInitCommand::new),
          command("migrate", "Add missing tables.", DbMigrateCommand::new),
          command(
              "check", "Check the database for damage and misconfiguration.", DbCheckCommand::new),
          command("backup", "Back up the database while it is in use.", DbBackupCommand::new),
          command("prune", "Delete old history.", DbPruneCommand::new),
          command(
              "leftovers",
              "Show rows of sites, paths and policies that are gone.",
              LeftoversCommand::new,
              command("delete", "Archive and delete the leftovers.", LeftoversDeleteCommand::new),
              command(
                  "deleted",
                  "List deleted leftovers that can be restored.",
                  () -> new DeletedCommand(ItemKind.LEFTOVERS)),
              command(
                  "restore",
                  "Restore deleted leftovers.",
                  () -> new RestoreCommand(ItemKind.LEFTOVERS)),
              command(
                  "purge",
                  "Permanently delete archives of leftovers.",
                  () -> new PurgeCommand(ItemKind.LEFTOVERS))),
          CommandNode.hidden(
              "thin", "Is gone; the setting 'retention' replaces it.", DbThinCommand::new));

  private static final CommandNode FLEET =
      group(
              "fleet",
              "Make and look after a hub, which many gateways send to.",
              new Example("fleet status", "all gateways of the hub"),
              command("init", "Make a PostgreSQL database a hub.", FleetInitCommand::new),
              command("status", "Show the gateways of a hub.", FleetStatusCommand::new),
              command("enrol", "Let a gateway send to a hub.", FleetEnrolCommand::new),
              command("revoke", "Let a gateway send no more.", FleetRevokeCommand::new),
              command("prune", "Remove old history from a hub.", FleetPruneCommand::new))
          .in(Profile.LONG);

  private static final CommandNode CONFIG =
      group(
          "config",
          "Show the configuration.",
          new Example("config show", "all settings and where they come from"),
          command("show", "Show each setting and where it comes from.", ConfigShowCommand::new));

  private static final CommandNode DOCTOR =
      command("doctor", "Diagnose why no traffic is counted.", DoctorCommand::new);

  private static final CommandNode AUDIT =
      command("audit", "Show who changed what.", AuditCommand::new);

  private static final CommandNode SQL =
      command("sql", "Run a read-only SQL query.", SqlCommand::new);

  private static final CommandNode SHELL =
      command("shell", "Run commands interactively or from a script.", ShellCommand::new)
          .in(Profile.LONG);

  private static final CommandNode COMPLETION =
      command("completion", "Print the completion script of a shell.", CompletionCommand::new);

  private static final CommandNode HELP =
      command("help", "Show the help of a command.", HelpCommand::new);

  private static final CommandNode VERSION =
      command("version", "Show the version.", VersionCommand::new);

  private static final CommandNode COMPLETE =
      CommandNode.hidden("__complete", "Print completion candidates.", CompleteCommand::new)
          .in(Profile.TABLE);

  private static final CommandNode DEMO =
      command("demo", "Create a sample database and run a guided tour.", DemoCommand::new)
          .in(Profile.LONG);

  private static final CommandNode MAN =
      CommandNode.hidden("__man", "Write the manual pages.", ManCommand::new);

  /// The root of the tree.
  public static final CommandNode ROOT =
      new CommandNode(
          "patronus",
          "The administration tool of the Patronus SD-WAN platform.",
          RootCommand::new,
          List.of(
              STATS,
              REPORT,
              SITE.in(Profile.TABLE),
              POLICY.in(Profile.TABLE),
              PATH.in(Profile.TABLE),
              FAILOVER.in(Profile.TABLE),
              ALERT,
              CACHE.in(Profile.TABLE),
              EXPORT,
              DB,
              FLEET,
              AUDIT.in(Profile.TABLE),
              DAEMON,
              STATUS.in(Profile.TABLE),
              CONFIG,
              DOCTOR,
              SQL,
              SHELL,
              DEMO,
              COMPLETION,
              HELP,
              VERSION,
              COMPLETE,
              MAN),
          false);

  private CommandTree() {}
}
