package dev.patronus.audit;

import dev.patronus.json.Json;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A change that the audit trail keeps, in the platform's shape.
///
/// Immutable. A change without details is a JSON string (`"cache_clear"`), one with details an
/// object of one member (`{"site_delete":{"site_id":"…","blocked":false,"site_name":"oslo"}}`).
/// Names of sites and policies are null where nobody knew them.
public sealed interface AuditEvent {
  /// Of an event that tells no extent.
  SequencedMap<String, Long> NOTHING = Collections.unmodifiableSequencedMap(new LinkedHashMap<>());

  /// A site was deleted, or a deletion was refused.
  ///
  /// @param blocked whether it was refused
  /// @param extent what went, in this order: the archive, rows in all, rows by table
  record SiteDelete(
      String siteId, @Nullable String name, boolean blocked, SequencedMap<String, Long> extent)
      implements AuditEvent {
    public SiteDelete {
      extent = copy(extent);
    }
  }

  /// A deleted site was brought back.
  ///
  /// @param extent what came back
  record SiteRestore(String siteId, @Nullable String name, SequencedMap<String, Long> extent)
      implements AuditEvent {
    public SiteRestore {
      extent = copy(extent);
    }
  }

  /// The archive of a deleted site was thrown away.
  record SitePurge(String siteId, @Nullable String name) implements AuditEvent {}

  /// A routing policy was deleted, or a deletion was refused.
  ///
  /// @param policyId unsigned
  /// @param blocked whether it was refused
  /// @param extent what went, in this order: the archive, rows in all, rows by table
  record PolicyDelete(
      String policyId, @Nullable String name, boolean blocked, SequencedMap<String, Long> extent)
      implements AuditEvent {
    public PolicyDelete {
      extent = copy(extent);
    }
  }

  /// A deleted policy was brought back.
  ///
  /// @param extent what came back
  record PolicyRestore(String policyId, @Nullable String name, SequencedMap<String, Long> extent)
      implements AuditEvent {
    public PolicyRestore {
      extent = copy(extent);
    }
  }

  /// The archive of a deleted policy was thrown away.
  record PolicyPurge(String policyId, @Nullable String name) implements AuditEvent {}

  /// Caches were cleared.
  record CacheClear() implements AuditEvent {}

  /// What had expired was dropped from caches.
  record CacheCleanup() implements AuditEvent {}

  /// Counters began at zero again.
  ///
  /// @param policyId the policy, unsigned; `all` for all of them
  record StatsReset(String policyId, @Nullable String name) implements AuditEvent {}

  /// A path was measured, and the measurement saved.
  record PathHealthCheck(long pathId) implements AuditEvent {}

  /// A user was refused, because their role does not allow it.
  ///
  /// @param resource what was refused: `site delete`
  /// @param requiredRole the least role that allows it: `admin`
  record AuthorizationFailed(String resource, String requiredRole) implements AuditEvent {}

  /// An alert was silenced, or its silence was ended.
  ///
  /// @param until the end of the silence
  record AlertSilence(String alert, Instant until) implements AuditEvent {}

  /// The database was changed for our own needs.
  ///
  /// @param what `init`, `migrate`, `prune`, `expire`, `leftovers_delete`, …
  record DatabaseChange(String what, Map<String, Json> details) implements AuditEvent {
    public DatabaseChange {
      details = Map.copyOf(details);
    }
  }

  /// How loudly the dashboard shows it.
  enum Severity {
    INFO,
    WARNING;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The value of `event_type`: `site_delete`.
  default String type() {
    return switch (this) {
      case SiteDelete _ -> "site_delete";
      case SiteRestore _ -> "site_restore";
      case SitePurge _ -> "site_purge";
      case PolicyDelete _ -> "policy_delete";
      case PolicyRestore _ -> "policy_restore";
      case PolicyPurge _ -> "policy_purge";
      case CacheClear _ -> "cache_clear";
      case CacheCleanup _ -> "cache_cleanup";
      case StatsReset _ -> "stats_reset";
      case PathHealthCheck _ -> "path_health_check";
      case AuthorizationFailed _ -> "authorization_failed";
      case AlertSilence _ -> "alert_silence";
      case DatabaseChange change -> "database_" + change.what();
    };
  }

  /// The value of `severity`: deletions and refusals are warnings.
  default Severity severity() {
    return switch (this) {
      case SiteDelete _,
          SitePurge _,
          PolicyDelete _,
          PolicyPurge _,
          StatsReset _,
          AuthorizationFailed _ ->
          Severity.WARNING;
      case SiteRestore _,
          PolicyRestore _,
          CacheClear _,
          CacheCleanup _,
          PathHealthCheck _,
          AlertSilence _ ->
          Severity.INFO;
      case DatabaseChange change ->
          switch (change.what()) {
            case "prune", "expire", "leftovers_delete", "leftovers_purge" -> Severity.WARNING;
            default -> Severity.INFO;
          };
    };
  }

  /// The value of `event_data`.
  default Json data() {
    return switch (this) {
      case SiteDelete delete ->
          site(
              Json.object().put("site_id", delete.siteId()).put("blocked", delete.blocked()),
              delete.name(),
              delete.extent());
      case SiteRestore restore ->
          site(Json.object().put("site_id", restore.siteId()), restore.name(), restore.extent());
      case SitePurge purge ->
          site(Json.object().put("site_id", purge.siteId()), purge.name(), NOTHING);
      case PolicyDelete delete ->
          policy(
              Json.object().put("policy_id", delete.policyId()).put("blocked", delete.blocked()),
              delete.name(),
              delete.extent());
      case PolicyRestore restore ->
          policy(
              Json.object().put("policy_id", restore.policyId()), restore.name(), restore.extent());
      case PolicyPurge purge ->
          policy(Json.object().put("policy_id", purge.policyId()), purge.name(), NOTHING);
      case CacheClear _, CacheCleanup _ -> new Json.Text(type());
      case StatsReset reset ->
          policy(Json.object().put("policy_id", reset.policyId()), reset.name(), NOTHING);
      case PathHealthCheck check -> details(Json.object().put("path_id", check.pathId()).build());
      case AuthorizationFailed failed ->
          details(
              Json.object()
                  .put("resource", failed.resource())
                  .put("required_role", failed.requiredRole())
                  .build());
      case AlertSilence silence ->
          details(
              Json.object()
                  .put("alert", silence.alert())
                  .put("until", silence.until().toString())
                  .build());
      case DatabaseChange change -> details(new Json.Obj(new TreeMap<>(change.details())));
    };
  }

  private Json site(Json.Builder members, @Nullable String name, Map<String, Long> extent) {
    return named("site_name", members, name, extent);
  }

  private Json policy(Json.Builder members, @Nullable String name, Map<String, Long> extent) {
    return named("policy_name", members, name, extent);
  }

  private Json named(
      String key, Json.Builder members, @Nullable String name, Map<String, Long> extent) {
    if (name != null) {
      members.put(key, name);
    }
    extent.forEach(members::put);
    return details(members.build());
  }

  private static SequencedMap<String, Long> copy(SequencedMap<String, Long> extent) {
    return Collections.unmodifiableSequencedMap(new LinkedHashMap<>(extent));
  }

  private Json details(Json.Obj members) {
    return Json.object().put(type(), members).build();
  }
}
