package dev.patronus.cli.site;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.site.DeletedSite;
import dev.patronus.store.deletion.ArchiveTable;
import java.util.List;

/// `patronus site deleted`: the deleted sites that can come back.
public final class SiteDeletedCommand extends Command {
  private static final Column[] COLUMNS = {
    Column.of("archive_id", "ARCHIVE", Kind.NUMBER),
    SiteTexts.NAME,
    Column.of("deleted_at", "DELETED", Kind.TIME),
    Column.of("deleted_by", "BY", Kind.TEXT),
    Column.of("rows", Kind.COUNT),
    Column.of("restorable_until", Kind.TIME),
    SiteTexts.ID,
    Column.detail("expired", Kind.FLAG),
  };

  private final ListOptions list = new ListOptions(this);

  public SiteDeletedCommand() {
    super(
        "Lists the deleted sites that have an archive, the most recent first. An"
            + " expired one can be restored until 'patronus site purge' deletes its"
            + " archive.");
    example("site deleted", "sites that can be restored");
  }

  @Override
  public Answer run(Invocation call) {
    List<DeletedSite> all = new ArchiveTable(call.database()).all();
    Table table = new Table("deleted_sites", "", COLUMNS);
    for (DeletedSite site : all) {
      table.row(
          site.archiveId(),
          site.name(),
          site.deletedAt(),
          site.deletedBy(),
          site.rows(),
          site.expiresAt(),
          site.siteId(),
          site.isExpired(call.now()));
    }
    Answer answer = new Answer();
    list.show(table, answer, call);
    long expired = all.stream().filter(site -> site.isExpired(call.now())).count();
    if (all.isEmpty()) {
      answer.note("There are no deleted sites.");
    } else if (expired > 0) {
      answer.note(
          SiteTexts.count(expired, "archive")
              + (expired == 1 ? " has" : " have")
              + " expired; 'patronus site purge' deletes their archives.");
    }
    return answer;
  }
}
