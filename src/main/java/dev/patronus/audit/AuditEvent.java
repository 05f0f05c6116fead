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
  /// @param type one of those that begin with `DATABASE_`
  record DatabaseChange(Type type, Map<String, Json> details) implements AuditEvent {
    public DatabaseChange {
      if (!type.name().startsWith("DATABASE_")) {
        throw new IllegalArgumentException("type must be of a change of the database, was " + type);
      }
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

  /// What happened; the name in lower case is the value of `event_type`.
  enum Type {
    SITE_DELETE(Severity.WARNING),
    SITE_RESTORE(Severity.INFO),
    SITE_PURGE(Severity.WARNING),
    POLICY_DELETE(Severity.WARNING),
    POLICY_RESTORE(Severity.INFO),
    POLICY_PURGE(Severity.WARNING),
    STATS_RESET(Severity.WARNING),
    CACHE_CLEAR(Severity.INFO),
    CACHE_CLEANUP(Severity.INFO),
    PATH_HEALTH_CHECK(Severity.INFO),
    AUTHORIZATION_FAILED(Severity.WARNING),
    ALERT_SILENCE(Severity.INFO),
    DATABASE_CAPTURE(Severity.INFO),
    DATABASE_GUARDS(Severity.INFO),
    DATABASE_INIT(Severity.INFO),
    DATABASE_MIGRATE(Severity.INFO),
    DATABASE_PRUNE(Severity.WARNING),
    DATABASE_EXPIRE(Severity.WARNING),
    DATABASE_LEFTOVERS_DELETE(Severity.WARNING),
    DATABASE_LEFTOVERS_RESTORE(Severity.INFO),
    DATABASE_LEFTOVERS_PURGE(Severity.WARNING);

    private final Severity severity;

    Type(Severity severity) {
      this.severity = severity;
    }

    /// The value of `severity`: deletions and refusals are warnings.
    public Severity severity() {
      return severity;
    }

    /// The value of `event_type`: `site_delete`.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What happened.
  default Type type() {
    return switch (this) {
      case SiteDelete _ -> Type.SITE_DELETE;
      case SiteRestore _ -> Type.SITE_RESTORE;
      case SitePurge _ -> Type.SITE_PURGE;
      case PolicyDelete _ -> Type.POLICY_DELETE;
      case PolicyRestore _ -> Type.POLICY_RESTORE;
      case PolicyPurge _ -> Type.POLICY_PURGE;
      case CacheClear _ -> Type.CACHE_CLEAR;
      case CacheCleanup _ -> Type.CACHE_CLEANUP;
      case StatsReset _ -> Type.STATS_RESET;
      case PathHealthCheck _ -> Type.PATH_HEALTH_CHECK;
      case AuthorizationFailed _ -> Type.AUTHORIZATION_FAILED;
      case AlertSilence _ -> Type.ALERT_SILENCE;
      case DatabaseChange change -> change.type();
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
      case CacheClear _, CacheCleanup _ -> new Json.Text(type().word());
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
    return Json.object().put(type().word(), members).build();
  }
}
