package dev.patronus.site;

import java.time.Instant;
import java.util.Objects;

/// A deleted site that can be restored, as described by its archive.
///
/// Immutable.
///
/// @param archiveId the archive's number; a site that was deleted twice has two
/// @param deletedBy the OS user who deleted it
/// @param expiresAt when `purge` may throw the archive away; it can be restored until that is done
/// @param rows how many rows the archive holds
public record DeletedSite(
    long archiveId,
    String siteId,
    String name,
    Instant deletedAt,
    String deletedBy,
    Instant expiresAt,
    long rows) {

  public DeletedSite {
    Objects.requireNonNull(siteId, "siteId");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(deletedAt, "deletedAt");
    Objects.requireNonNull(deletedBy, "deletedBy");
    Objects.requireNonNull(expiresAt, "expiresAt");
  }

  public boolean isExpired(Instant now) {
    return !now.isBefore(expiresAt);
  }
}
