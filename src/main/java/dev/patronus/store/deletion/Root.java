package dev.patronus.store.deletion;

import dev.patronus.audit.AuditEvent;
import dev.patronus.json.Json;
import dev.patronus.policy.PolicyId;
import dev.patronus.site.ItemKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The tables in which a deletion begins, and what the audit trail calls its changes.
enum Root {
  SITES(ItemKind.SITE, "sdwan_sites", "site_id", "site_name"),
  POLICIES(ItemKind.POLICY, "sdwan_policies", "policy_id", "name"),
  /// What depends on rows of these tables that are not there.
  LEFTOVERS(ItemKind.LEFTOVERS, "", "", "");

  private final ItemKind kind;
  private final String table;
  private final String idColumn;
  private final String nameColumn;

  Root(ItemKind kind, String table, String idColumn, String nameColumn) {
    this.kind = kind;
    this.table = table;
    this.idColumn = idColumn;
    this.nameColumn = nameColumn;
  }

  static Root of(ItemKind kind) {
    return switch (kind) {
      case SITE -> SITES;
      case POLICY -> POLICIES;
      case LEFTOVERS -> LEFTOVERS;
    };
  }

  ItemKind kind() {
    return kind;
  }

  /// The tables that others depend on.
  List<String> tables() {
    return this == LEFTOVERS ? List.of(SITES.table, POLICIES.table) : List.of(table);
  }

  /// The table of the sites or policies; none for leftovers.
  String table() {
    return table;
  }

  /// The column of the ids.
  String idColumn() {
    return idColumn;
  }

  /// The column of the names.
  String nameColumn() {
    return nameColumn;
  }

  /// An id as its column holds it.
  Object key(String id) {
    return switch (this) {
      case SITES -> id;
      case POLICIES -> PolicyId.parse(id);
      case LEFTOVERS -> throw new IllegalStateException("leftovers have no row of their own");
    };
  }

  /// A deletion.
  ///
  /// @param name null if it is not known
  /// @param extent the archive and the rows that went
  AuditEvent deleted(String id, @Nullable String name, SequencedMap<String, Long> extent) {
    return switch (this) {
      case SITES -> new AuditEvent.SiteDelete(id, name, false, extent);
      case POLICIES -> new AuditEvent.PolicyDelete(id, name, false, extent);
      case LEFTOVERS -> leftovers(AuditEvent.Type.DATABASE_LEFTOVERS_DELETE, false, extent);
    };
  }

  /// A deletion that the database refused.
  AuditEvent blocked(String id) {
    return switch (this) {
      case SITES -> new AuditEvent.SiteDelete(id, null, true, AuditEvent.NOTHING);
      case POLICIES -> new AuditEvent.PolicyDelete(id, null, true, AuditEvent.NOTHING);
      case LEFTOVERS ->
          leftovers(AuditEvent.Type.DATABASE_LEFTOVERS_DELETE, true, AuditEvent.NOTHING);
    };
  }

  /// @param extent the archive and the rows that came back
  AuditEvent restored(String id, String name, SequencedMap<String, Long> extent) {
    return switch (this) {
      case SITES -> new AuditEvent.SiteRestore(id, name, extent);
      case POLICIES -> new AuditEvent.PolicyRestore(id, name, extent);
      case LEFTOVERS -> leftovers(AuditEvent.Type.DATABASE_LEFTOVERS_RESTORE, numbers(extent));
    };
  }

  /// The archive was thrown away.
  AuditEvent purged(String id, String name) {
    return switch (this) {
      case SITES -> new AuditEvent.SitePurge(id, name);
      case POLICIES -> new AuditEvent.PolicyPurge(id, name);
      case LEFTOVERS -> leftovers(AuditEvent.Type.DATABASE_LEFTOVERS_PURGE, Map.of());
    };
  }

  private static AuditEvent leftovers(
      AuditEvent.Type type, boolean blocked, Map<String, Long> extent) {
    Map<String, Json> details = numbers(extent);
    details.put("blocked", new Json.Bool(blocked));
    return leftovers(type, details);
  }

  private static Map<String, Json> numbers(Map<String, Long> extent) {
    Map<String, Json> numbers = new HashMap<>();
    extent.forEach((name, number) -> numbers.put(name, Json.Num.of(number)));
    return numbers;
  }

  private static AuditEvent leftovers(AuditEvent.Type type, Map<String, Json> details) {
    return new AuditEvent.DatabaseChange(type, details);
  }
}
