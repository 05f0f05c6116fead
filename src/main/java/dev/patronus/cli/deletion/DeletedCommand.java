package dev.patronus.cli.deletion;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.store.deletion.ArchiveTable;
import java.time.Instant;
import java.util.List;

/// `patronus site deleted` and `patronus policy deleted`: what can be restored.
public final class DeletedCommand extends WatchedCommand {
  private final ListOptions list = new ListOptions(this);
  private final ItemTexts texts;

  public DeletedCommand(ItemKind kind) {
    super(
        "Lists the deleted "
            + kind.plural()
            + " that have an archive, the most recent first. An expired one can be restored until"
            + " 'patronus "
            + kind.command()
            + " purge' deletes its archive.");
    texts = ItemTexts.of(kind);
    example(kind.command() + " deleted", kind.plural() + " that can be restored");
  }

  @Override
  protected Answer answer(Invocation call) {
    List<DeletedItem> all = new ArchiveTable(call.database()).all(texts.kind());
    Answer answer = new Answer();
    list.show(Table.of("deleted_" + texts.kind().plural(), columns(call.now()), all), answer, call);
    long expired = all.stream().filter(item -> item.isExpired(call.now())).count();
    if (all.isEmpty()) {
      answer.note("There are no deleted " + texts.kind().plural() + ".");
    } else if (expired > 0) {
      answer.note(
          ItemTexts.count(expired, "archive")
              + (expired == 1 ? " has" : " have")
              + " expired; '"
              + texts.command("purge")
              + "' deletes their archives.");
    }
    return answer;
  }

  private List<Column<DeletedItem>> columns(Instant now) {
    return List.of(
        Column.of("archive_id", "ARCHIVE", Kind.NUMBER, DeletedItem::archiveId),
        new Column<>(texts.name(), DeletedItem::name),
        Column.of("deleted_at", "DELETED", Kind.TIME, DeletedItem::deletedAt),
        Column.of("deleted_by", "BY", Kind.TEXT, DeletedItem::deletedBy),
        Column.of("rows", Kind.COUNT, DeletedItem::rows),
        Column.of("restorable_until", Kind.TIME, DeletedItem::expiresAt),
        new Column<>(texts.id(), DeletedItem::id),
        Column.detail("expired", Kind.FLAG, item -> item.isExpired(now)));
  }
}
