package dev.patronus.cli;

import static dev.patronus.cli.command.CommandNode.command;
import static dev.patronus.cli.command.CommandNode.group;

import dev.patronus.cli.command.Command.Example;
import dev.patronus.cli.command.CommandNode;
import dev.patronus.cli.daemon.CacheCleanupCommand;
import dev.patronus.cli.daemon.CacheClearCommand;
import dev.patronus.cli.daemon.CacheStatsCommand;
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
import dev.patronus.cli.export.ExportAuditCommand;
import dev.patronus.cli.export.ExportFlowsCommand;
import dev.patronus.cli.export.ExportPathMetricsCommand;
import dev.patronus.cli.export.ExportPoliciesCommand;
import dev.patronus.cli.export.ExportSitesCommand;
import dev.patronus.cli.export.ExportStatsCommand;
import dev.patronus.cli.export.ExportSystemMetricsCommand;
import dev.patronus.cli.path.PathListCommand;
import dev.patronus.cli.path.PathShowCommand;
import dev.patronus.cli.policy.PolicyExplainCommand;
import dev.patronus.cli.policy.PolicyListCommand;
import dev.patronus.cli.policy.PolicyShowCommand;
import dev.patronus.cli.report.ReportCommand;
import dev.patronus.cli.site.SiteDeleteCommand;
import dev.patronus.cli.site.SiteDeletedCommand;
import dev.patronus.cli.site.SiteListCommand;
import dev.patronus.cli.site.SitePurgeCommand;
import dev.patronus.cli.site.SiteRestoreCommand;
import dev.patronus.cli.site.SiteShowCommand;
import dev.patronus.cli.stats.StatsCommand;
import dev.patronus.cli.stats.StatsFlowsCommand;
import dev.patronus.cli.stats.StatsHistoryCommand;
import dev.patronus.cli.stats.StatsResetCommand;
import java.util.List;

/// All commands, in the order in which the help shows them.
public final class CommandTree {
  private static final CommandNode STATS =
      command(
          "stats",
          "Show what each policy carries now.",
          StatsCommand::new,
          command("history", "Show what policies carried over time.", StatsHistoryCommand::new),
          command("flows", "Show the live flows.", StatsFlowsCommand::new),
          command("reset", "Let counters begin at zero again.", StatsResetCommand::new));

  private static final CommandNode REPORT =
      command("report", "Write what policies carried as one page.", ReportCommand::new);

  private static final CommandNode SITE =
      group(
          "site",
          "List the sites; delete them whole, and bring them back.",
          new Example("site delete berlin --dry-run", "what would go if the site berlin went"),
          command("list", "List the sites.", SiteListCommand::new),
          command("show", "Show a site, its endpoints and paths.", SiteShowCommand::new),
          command("delete", "Delete sites with all that hangs on them.", SiteDeleteCommand::new),
          command("deleted", "List the deleted sites that can come back.", SiteDeletedCommand::new),
          command("restore", "Bring deleted sites back.", SiteRestoreCommand::new),
          command("purge", "Throw archives of deleted sites away.", SitePurgeCommand::new));

  private static final CommandNode POLICY =
      group(
          "policy",
          "Look at the routing policies.",
          new Example("policy list", "all policies in order of matching"),
          command("list", "List the policies in order of matching.", PolicyListCommand::new),
          command("show", "Show one policy.", PolicyShowCommand::new),
          command("explain", "Show why a flow goes where it goes.", PolicyExplainCommand::new));

  private static final CommandNode PATH =
      group(
          "path",
          "Look at the paths between the sites.",
          new Example("path list --status down,degraded", "where there is trouble"),
          command("list", "List the paths with their latest metrics.", PathListCommand::new),
          command("show", "Show one path and its history.", PathShowCommand::new));

  private static final CommandNode CACHE =
      group(
          "cache",
          "Look at the daemon's caches, and empty them.",
          new Example("cache stats", "how the caches do"),
          command("stats", "Show how the caches do.", CacheStatsCommand::new),
          command("clear", "Empty both caches, or one.", CacheClearCommand::new),
          command("cleanup", "Drop what has expired.", CacheCleanupCommand::new));

  private static final CommandNode EXPORT =
      group(
          "export",
          "Export the rows of a table as CSV, JSON or NDJSON.",
          new Example(
              "export stats --since 7d --file week.csv.gz", "the last seven days, compressed"),
          command("stats", "Export the counters of policies.", ExportStatsCommand::new),
          command(
              "path-metrics", "Export what was measured of paths.", ExportPathMetricsCommand::new),
          command(
              "system-metrics",
              "Export what the gateway measured of itself.",
              ExportSystemMetricsCommand::new),
          command("sites", "Export the sites.", ExportSitesCommand::new),
          command("policies", "Export the policies.", ExportPoliciesCommand::new),
          command("flows", "Export the daemon's live flow table.", ExportFlowsCommand::new),
          command("audit", "Export the audit trail.", ExportAuditCommand::new));

  private static final CommandNode DAEMON =
      command("daemon", "Collect traffic and save it.", DaemonCommand::new);

  private static final CommandNode STATUS =
      command("status", "Show how the daemon is and what it sees.", StatusCommand::new);

  private static final CommandNode DB =
      group(
          "db",
          "Make, check, copy and tidy up the database.",
          new Example("db check", "whether the database is whole, fresh and set up well"),
          command("init", "Make an empty database.", DbInitCommand::new),
          command("migrate", "Add the tables that are missing.", DbMigrateCommand::new),
          command("check", "Look it over for damage and mistakes.", DbCheckCommand::new),
          command("backup", "Copy it while it is in use.", DbBackupCommand::new),
          command("prune", "Delete old history.", DbPruneCommand::new),
          command("thin", "Keep history more coarsely with age.", DbThinCommand::new));

  private static final CommandNode DOCTOR =
      command("doctor", "Find out why there are no numbers.", DoctorCommand::new);

  private static final CommandNode AUDIT =
      command("audit", "Show who changed what.", AuditCommand::new);

  private static final CommandNode SQL =
      command("sql", "Run a query that changes nothing.", SqlCommand::new);

  private static final CommandNode SHELL =
      command("shell", "Type commands at a prompt, or run a script.", ShellCommand::new);

  private static final CommandNode COMPLETION =
      command("completion", "Print the completion script of a shell.", CompletionCommand::new);

  private static final CommandNode COMPLETE =
      CommandNode.hidden("__complete", "What the completion scripts ask.", CompleteCommand::new);

  private static final CommandNode DEMO =
      command("demo", "Make a small database and walk through the main job.", DemoCommand::new);

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
              SITE,
              POLICY,
              PATH,
              CACHE,
              EXPORT,
              DB,
              AUDIT,
              DAEMON,
              STATUS,
              DOCTOR,
              SQL,
              SHELL,
              DEMO,
              COMPLETION,
              COMPLETE,
              MAN),
          false);

  private CommandTree() {}
}
