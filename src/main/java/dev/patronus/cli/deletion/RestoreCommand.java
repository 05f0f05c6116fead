package dev.patronus.cli.deletion;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.Finder;
import dev.patronus.error.ExitCode;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.role.Role;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.site.Restoration;
import dev.patronus.site.RestoreConflict;
import dev.patronus.store.Database;
import dev.patronus.store.deletion.ArchiveTable;
import dev.patronus.store.deletion.ItemRestoration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/// `patronus site restore` and `patronus policy restore`: every row comes back with every value.
public final class RestoreCommand extends Command {
  /// Without these nothing is left that could come back.
  private static final Set<String> ESSENTIAL =
      Set.of("sdwan_sites", "sdwan_endpoints", "sdwan_paths", "sdwan_policies");

  private final ItemTexts texts;
  private final Option<List<String>> items;
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be restored without changing anything");
  private final Option<List<String>> without =
      options(
          "--without",
          "TABLE",
          text -> text.toLowerCase(Locale.ROOT),
          Completes.NOTHING,
          "do not restore the rows of this table, permanently; may be repeated");

  public RestoreCommand(ItemKind kind) {
    super(description(kind));
    texts = ItemTexts.of(kind);
    items =
        arguments(
            kind.word().toUpperCase(Locale.ROOT),
            "1..*",
            text -> text,
            texts.names(),
            switch (kind) {
              case SITE ->
                  "the deleted sites, by UUID, name, the beginning of one, or archive number";
              case POLICY ->
                  "the deleted policies, by id, name, the beginning of one, or archive number";
              case LEFTOVERS -> "the archive's number, or 'leftovers' where there is one";
            });
    switch (kind) {
      case SITE -> {
        example("site restore berlin", "restore the site berlin");
        example("site restore berlin hamburg --dry-run", "check whether both can be restored");
      }
      case POLICY -> example("policy restore guests", "restore the policy guests");
      case LEFTOVERS -> example("db leftovers restore leftovers --dry-run", "what would come back");
    }
  }

  private static String[] description(ItemKind kind) {
    return switch (kind) {
      case SITE ->
          new String[] {
            "Restores deleted sites from their archives in one transaction: all rows with"
                + " their original values, and the paths that failover policies lost. If a row"
                + " cannot be restored, the command reports it with the reason and changes"
                + " nothing.",
            "Sites deleted one after another must be restored in the reverse order; name"
                + " them in one command, and the order is chosen automatically."
          };
      case POLICY ->
          new String[] {
            "Restores deleted policies from their archives in one transaction: the policies with"
                + " their ids, and all their counters. The daemon matches them again at once, and"
                + " their counters continue. If a row cannot be restored, the command reports it"
                + " with the reason and changes nothing."
          };
      case LEFTOVERS ->
          new String[] {
            "Restores deleted leftovers from their archive in one transaction: all rows with their"
                + " original values, though what they point at is still not there."
          };
    };
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.of(dryRun.get() ? Role.VIEWER : Role.ADMIN);
  }

  @Override
  public Answer run(Invocation call) {
    List<DeletedItem> chosen =
        texts.findDeleted(
            new ArchiveTable(call.database()).all(texts.kind()), items.get(), Finder::find);
    List<Long> archives = chosen.stream().map(DeletedItem::archiveId).toList();
    Set<String> left = Set.copyOf(without.or(List.of()));
    Database database = call.writableDatabase();
    ItemRestoration restoration = new ItemRestoration(database, texts.kind());
    Restoration outcome =
        dryRun.get()
            ? restoration.rehearse(call.actor(), call.now(), archives, left)
            : restoration.restore(call.actor(), call.now(), archives, left);
    if (!outcome.conflicts().isEmpty()) {
      return refused(outcome, call);
    }
    if (!dryRun.get()) {
      new DaemonConnection(call).tellChanged();
    }
    return done(outcome);
  }

  private Answer done(Restoration outcome) {
    String what = ItemTexts.names(outcome.items()) + ": " + ItemTexts.rows(outcome.rows());
    String message =
        dryRun.get() ? "would restore " + what + "; nothing was changed" : "restored " + what;
    Answer answer = answer(outcome, true, message);
    outcome.notes().forEach(answer::say);
    return answer.say(message);
  }

  private Answer answer(Restoration outcome, boolean success, String message) {
    long rows = success ? outcome.rows() : 0;
    Answer answer =
        ItemTexts.outcome(success, message, dryRun.get(), rows).member("notes", outcome.notes());
    if (success) {
      answer.table(items(outcome.items())).table(ItemTexts.tables(outcome.tables()));
    }
    return answer;
  }

  /// What was restored has no archive any more, and so no time until which that is kept.
  private Table<DeletedItem> items(List<DeletedItem> items) {
    List<Column<DeletedItem>> columns = texts.archives();
    return Table.of(texts.kind().plural(), columns.subList(0, columns.size() - 1), items);
  }

  private Answer refused(Restoration outcome, Invocation call) {
    String message = refusal(outcome);
    call.warn(message);
    return answer(outcome, false, message)
        .member("error", ExitCode.REFUSED.word())
        .member("exit_code", ExitCode.REFUSED.code())
        .table(conflicts(outcome.conflicts()))
        .exit(ExitCode.REFUSED);
  }

  private String refusal(Restoration outcome) {
    String names = ItemTexts.names(outcome.items());
    List<DeletedItem> first = outcome.neededFirst();
    if (!first.isEmpty()) {
      StringJoiner archives = new StringJoiner(" ");
      first.forEach(item -> archives.add(Long.toString(item.archiveId())));
      outcome.items().forEach(item -> archives.add(Long.toString(item.archiveId())));
      return names
          + " cannot be restored without deleted "
          + ItemTexts.names(first)
          + "; restore them together: '"
          + texts.command("restore ")
          + archives
          + "'";
    }
    long rows = outcome.conflicts().stream().mapToLong(RestoreConflict::rows).sum();
    Set<String> tables = new LinkedHashSet<>();
    outcome.conflicts().forEach(conflict -> tables.add(conflict.table()));
    String message =
        names
            + " cannot be restored: "
            + ItemTexts.rows(rows)
            + " of "
            + String.join(", ", tables)
            + " cannot; nothing was changed";
    return tables.stream().anyMatch(ESSENTIAL::contains)
        ? message
        : message + "; '--without " + String.join(",", tables) + "' restores the rest";
  }

  private Table<RestoreConflict> conflicts(List<RestoreConflict> conflicts) {
    List<Column<RestoreConflict>> columns =
        List.of(
            Column.of("table", Kind.ID, RestoreConflict::table),
            Column.of("row", Kind.TEXT, RestoreConflict::row),
            Column.of("rows", Kind.COUNT, RestoreConflict::rows),
            Column.of("reason", Kind.TEXT, RestoreConflict::reason),
            Column.detail(
                "needs_" + texts.word() + "_id",
                Kind.ID,
                conflict -> conflict.neededFirst().map(DeletedItem::id)),
            Column.detail(
                "needs_archive_id",
                Kind.NUMBER,
                conflict -> conflict.neededFirst().map(DeletedItem::archiveId)));
    return Table.of("conflicts", columns, conflicts);
  }
}
