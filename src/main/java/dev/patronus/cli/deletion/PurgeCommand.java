package dev.patronus.cli.deletion;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.Finder.Beginnings;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.table.Table;
import dev.patronus.role.Role;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.store.deletion.ArchiveTable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// `patronus site purge` and `patronus policy purge`: archives are thrown away.
public final class PurgeCommand extends Command {
  private final ItemTexts texts;
  private final Option<List<String>> items;
  private final Option<Boolean> all;
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be deleted without changing anything");
  private final Option<Boolean> yes = flag("-y --yes", "proceed without confirmation");

  public PurgeCommand(ItemKind kind) {
    super(
        "Permanently deletes the archives of deleted "
            + kind.plural()
            + ": those that have expired,"
            + " or the ones given. They cannot be restored afterwards. The daemon deletes expired"
            + " archives once a day, unless 'purge-expired = no' is set.");
    texts = ItemTexts.of(kind);
    items =
        arguments(
            kind.word().toUpperCase(Locale.ROOT),
            "0..*",
            text -> text,
            texts.names(),
            "the deleted " + kind.plural() + ", expired or not (default: those that have expired)");
    all = flag("--all", "all deleted " + kind.plural() + ", expired or not");
    switch (kind) {
      case SITE -> {
        example("site purge --yes", "delete expired archives, for a cron job");
        example("site purge berlin", "confirm, then delete the archive of berlin");
      }
      case POLICY -> example("policy purge --all --dry-run", "what the archives of policies hold");
      case LEFTOVERS -> example("db leftovers purge --all --dry-run", "what their archives hold");
    }
  }

  @Override
  protected void check() {
    if (all.get() && items.given() && !items.get().isEmpty()) {
      throw new UserError(
          ExitCode.USAGE, "give deleted " + texts.kind().plural() + " or --all, not both");
    }
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.of(dryRun.get() ? Role.VIEWER : Role.ADMIN);
  }

  @Override
  public Answer run(Invocation call) {
    List<DeletedItem> expired = choose(call, new ArchiveTable(call.database()).all(texts.kind()));
    long rows = expired.stream().mapToLong(DeletedItem::rows).sum();
    if (expired.isEmpty()) {
      return answer(expired, "no archive has expired; nothing was changed", 0).report();
    }
    String what = ItemTexts.names(expired) + ": " + ItemTexts.rows(rows);
    if (dryRun.get()) {
      return answer(expired, "would permanently delete " + what + "; nothing was changed", rows);
    }
    confirm(call, expired);
    long gone = new ArchiveTable(call.writableDatabase()).purge(call.actor(), call.now(), expired);
    boolean seen = !yes.get() && call.format() == Format.TABLE;
    return answer(seen ? List.of() : expired, "permanently deleted " + what, gone);
  }

  private List<DeletedItem> choose(Invocation call, List<DeletedItem> known) {
    if (all.get()) {
      return known;
    }
    List<String> typed = items.or(List.of());
    return typed.isEmpty()
        ? known.stream().filter(item -> item.isExpired(call.now())).toList()
        : texts.findDeleted(
            known,
            typed,
            (finder, text) -> finder.findWhole(text, yes.get() ? Beginnings.LONG : Beginnings.ALL));
  }

  private void confirm(Invocation call, List<DeletedItem> expired) {
    if (yes.get()) {
      return;
    }
    call.requireSomebodyToAsk(this);
    Answer shown = new Answer().table(table(expired));
    call.session().err().println(new AnswerPrinter(Format.TABLE, call.screen(), false).text(shown));
    call.confirm(
        this,
        false,
        "Permanently delete the archive of "
            + (expired.size() == 1
                ? "1 deleted " + texts.word()
                : expired.size() + " deleted " + texts.kind().plural())
            + "?");
  }

  private Answer answer(List<DeletedItem> items, String message, long rows) {
    return ItemTexts.outcome(true, message, dryRun.get(), rows).table(table(items)).say(message);
  }

  private Table<DeletedItem> table(List<DeletedItem> items) {
    return Table.of(texts.kind().plural(), texts.archives(), items);
  }
}
