package dev.patronus.site;

import java.time.Instant;
import java.util.Objects;

/// A deleted site or policy that can be restored, as described by its archive.
///
/// Immutable.
///
/// @param archiveId the archive's number; a site that was deleted twice has two
/// @param id the site's, or the policy's, unsigned
/// @param deletedBy the OS user who deleted it
/// @param expiresAt when `purge` may throw the archive away; it can be restored until that is done
/// @param rows how many rows the archive holds
public record DeletedItem(
    ItemKind kind,
    long archiveId,
    String id,
    String name,
    Instant deletedAt,
    String deletedBy,
    Instant expiresAt,
    long rows) {

  public DeletedItem {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(deletedAt, "deletedAt");
    Objects.requireNonNull(deletedBy, "deletedBy");
    Objects.requireNonNull(expiresAt, "expiresAt");
  }

  public boolean isExpired(Instant now) {
    return !now.isBefore(expiresAt);
  }
}
