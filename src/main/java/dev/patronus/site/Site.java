package dev.patronus.site;

import java.time.Instant;
import java.util.Objects;

/// A place that the platform connects: a row of `sdwan_sites`.
///
/// Immutable.
///
/// @param id a UUID in upstream's databases, but any text is taken
/// @param name what people call it; not unique
/// @param lastSeen when the platform last heard from it
public record Site(
    String id,
    String name,
    PublicKey publicKey,
    Instant createdAt,
    Instant lastSeen,
    SiteStatus status) {

  public Site {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(publicKey, "publicKey");
    Objects.requireNonNull(createdAt, "createdAt");
    Objects.requireNonNull(lastSeen, "lastSeen");
    Objects.requireNonNull(status, "status");
  }
}
