package dev.patronus.store.deletion;

import dev.patronus.audit.AuditEvent;
import dev.patronus.policy.PolicyId;
import dev.patronus.site.ItemKind;

/// The table in which a deletion begins, and what the audit trail calls its changes.
enum Root {
  SITES(ItemKind.SITE, "sdwan_sites", "site_id", "site_name"),
  POLICIES(ItemKind.POLICY, "sdwan_policies", "policy_id", "name");

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
    };
  }

  ItemKind kind() {
    return kind;
  }

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
    };
  }

  /// A deletion.
  ///
  /// @param name null if it is not known
  /// @param blocked whether the database refused it
  AuditEvent deleted(String id, String name, boolean blocked) {
    return switch (this) {
      case SITES -> new AuditEvent.SiteDelete(id, name, blocked);
      case POLICIES -> new AuditEvent.PolicyDelete(id, name, blocked);
    };
  }

  AuditEvent restored(String id, String name) {
    return switch (this) {
      case SITES -> new AuditEvent.SiteRestore(id, name);
      case POLICIES -> new AuditEvent.PolicyRestore(id, name);
    };
  }

  /// The archive was thrown away.
  AuditEvent purged(String id, String name) {
    return switch (this) {
      case SITES -> new AuditEvent.SitePurge(id, name);
      case POLICIES -> new AuditEvent.PolicyPurge(id, name);
    };
  }
}
