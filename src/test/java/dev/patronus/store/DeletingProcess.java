package dev.patronus.store;

import dev.patronus.audit.Actor;
import dev.patronus.site.ItemKind;
import dev.patronus.store.deletion.ArchiveTable;
import dev.patronus.store.deletion.ItemDeletion;
import dev.patronus.store.deletion.ItemRestoration;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A process that deletes a site and brings it back, again and again, until it is killed.
public final class DeletingProcess {
  private DeletingProcess() {}

  /// Deletes and restores for ever.
  ///
  /// @param words the database and the id of the site
  public static void main(String[] words) {
    Actor actor = new Actor("tester", null, "test");
    try (Database database = Database.openWritable(Path.of(words[0]))) {
      ItemDeletion deletion = new ItemDeletion(database, ItemKind.SITE);
      ItemRestoration restoration = new ItemRestoration(database, ItemKind.SITE);
      if (!new ArchiveTable(database).all().isEmpty()) {
        long archive = new ArchiveTable(database).all().getFirst().archiveId();
        restoration.restore(actor, Instant.now(), List.of(archive), Set.of());
      }
      System.out.println("ready");
      while (true) {
        long archive =
            deletion
                .delete(
                    actor, Instant.now(), Duration.ofDays(1), List.of(words[1]), Optional.empty())
                .archives()
                .getFirst()
                .archiveId();
        restoration.restore(actor, Instant.now(), List.of(archive), Set.of());
      }
    }
  }
}
