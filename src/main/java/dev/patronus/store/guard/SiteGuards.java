package dev.patronus.store.guard;

import dev.patronus.json.Json;
import dev.patronus.store.deletion.RowArchive;
import dev.patronus.store.foreignkey.ForeignKey;
import dev.patronus.store.foreignkey.ForeignKeyGraph;
import dev.patronus.store.foreignkey.TableShape;
import dev.patronus.store.foreignkey.TableShapes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;

/// Writes the triggers of level `all`: they archive and remove what hangs on a policy, a path, an
/// endpoint or a site that the platform deletes, in the form of [RowArchive], so that `policy
/// restore` and `site restore` can bring it back.
///
/// Confined to the database's thread.
///
/// The platform deletes a site's paths, then its endpoints, then the site, and a trigger knows only
/// the row that goes. The first path opens an archive; the next ones join it as long as all have a
/// site in common; the site takes it over. SQL cannot see the bounds of a transaction: what was
/// deleted within [#SECONDS] before the site counts as part of its deletion. Paths that are deleted
/// without their site stay in an archive of their own.
///
/// Not archived are values that a foreign key of an unknown table empties by itself (`ON DELETE SET
/// NULL`).
final class SiteGuards {
  private static final String SITES = "sdwan_sites";
  private static final String ENDPOINTS = "sdwan_endpoints";
  private static final String PATHS = "sdwan_paths";
  private static final String FAILOVER = "sdwan_failover_policies";
  private static final String POLICIES = "sdwan_policies";

  /// How long one deletion by the platform may take.
  private static final int SECONDS = 60;

  private static final String NOW = "CAST(strftime('%s', 'now') AS INTEGER)";
  private static final String ARCHIVE = "(SELECT archive_id FROM patronus_guard_archive)";

  private static final String BEGIN =
      """
      CREATE TRIGGER $NAME BEFORE DELETE ON $TABLE
      WHEN (SELECT paused FROM patronus_guard_archive) = 0
      BEGIN
      $BODY
      END\
      """;

  /// The archive that [#OPEN_FOR_POLICY] has just opened: numbers are never given out twice.
  private static final String NEWEST = "(SELECT max(archive_id) FROM patronus_deleted_sites)";

  private static final String OPEN_FOR_POLICY =
      """
      INSERT INTO patronus_deleted_sites
        (site_id, site_name, deleted_at, deleted_by, expires_at, row_count)
      SELECT printf('%llu', OLD.policy_id), OLD.name, $NOW, 'platform', $NOW + keep_seconds, 0
      FROM patronus_guard_archive;
      INSERT INTO patronus_deleted_kinds (archive_id, kind) VALUES ($ARCHIVE, 'policy');
      """;

  private static final String LEAVE_PATH_ARCHIVE =
      """
      UPDATE patronus_guard_archive SET archive_id = NULL WHERE archive_id IS NOT NULL AND (
        opened_at NOT BETWEEN $NOW - $SECONDS AND $NOW
        OR archive_id NOT IN (SELECT archive_id FROM patronus_deleted_sites)
        OR NOT (coalesce(site_a IN (OLD.src_site_id, OLD.dst_site_id), 0)
          OR coalesce(site_b IN (OLD.src_site_id, OLD.dst_site_id), 0)));
      """;

  private static final String OPEN_FOR_PATHS =
      """
      INSERT INTO patronus_deleted_sites
        (site_id, site_name, deleted_at, deleted_by, expires_at, row_count)
      SELECT OLD.src_site_id, coalesce((SELECT site_name FROM sdwan_sites
        WHERE site_id = OLD.src_site_id), OLD.src_site_id) || ' (paths)',
        $NOW, 'platform', $NOW + keep_seconds, 0
      FROM patronus_guard_archive WHERE archive_id IS NULL;
      UPDATE patronus_guard_archive SET archive_id = last_insert_rowid(), opened_at = $NOW,
        site_a = OLD.src_site_id, site_b = OLD.dst_site_id WHERE archive_id IS NULL;
      UPDATE patronus_guard_archive SET
        site_a = CASE WHEN site_a IN (OLD.src_site_id, OLD.dst_site_id) THEN site_a END,
        site_b = CASE WHEN site_b IN (OLD.src_site_id, OLD.dst_site_id) THEN site_b END;
      """;

  private static final String OPEN_FOR_SITE =
      """
      UPDATE patronus_guard_archive SET archive_id = NULL WHERE archive_id IS NOT NULL AND (
        opened_at NOT BETWEEN $NOW - $SECONDS AND $NOW
        OR archive_id NOT IN (SELECT archive_id FROM patronus_deleted_sites)
        OR NOT (site_a IS OLD.site_id OR site_b IS OLD.site_id));
      INSERT INTO patronus_deleted_sites
        (site_id, site_name, deleted_at, deleted_by, expires_at, row_count)
      SELECT OLD.site_id, OLD.site_name, $NOW, 'platform', $NOW + keep_seconds, 0
      FROM patronus_guard_archive WHERE archive_id IS NULL;
      UPDATE patronus_guard_archive SET archive_id = last_insert_rowid(), opened_at = $NOW,
        site_a = OLD.site_id, site_b = NULL WHERE archive_id IS NULL;
      UPDATE patronus_deleted_sites SET site_id = OLD.site_id, site_name = OLD.site_name
      WHERE archive_id = $ARCHIVE;
      DELETE FROM sdwan_paths WHERE src_site_id = OLD.site_id OR dst_site_id = OLD.site_id;
      DELETE FROM sdwan_endpoints WHERE site_id = OLD.site_id;
      """;

  private static final String COUNT =
      """
      UPDATE patronus_deleted_sites SET row_count = (SELECT coalesce(sum(row_count), 0)
        FROM patronus_deleted_tables WHERE archive_id = $ARCHIVE AND role <> 'after')
      WHERE archive_id = $ARCHIVE;
      """;

  private static final String CLOSE =
      """
      DELETE FROM patronus_deleted_rows WHERE archive_id = 0;
      UPDATE patronus_guard_archive SET archive_id = NULL, waiting_since = NULL;
      """;

  private static final String DROP_WAITING =
      """
      DELETE FROM patronus_deleted_rows WHERE archive_id = 0 AND coalesce(
        (SELECT waiting_since FROM patronus_guard_archive), 0)
        NOT BETWEEN $NOW - $SECONDS AND $NOW;
      """;

  private static final String CLAIM =
      """
      UPDATE patronus_deleted_rows SET archive_id = $ARCHIVE WHERE archive_id = 0
        AND table_no = $NO AND row_key IN (SELECT row_key FROM patronus_deleted_rows
          WHERE archive_id = 0 AND table_no = $NO AND part = $PART AND $VALUE = OLD.site_id);
      """;

  private static final String NOTE =
      """
      INSERT OR IGNORE INTO patronus_deleted_tables
      SELECT $ARCHIVE, $NO, '$ROLE', '$NAME', '$TYPES', 0, 0 WHERE EXISTS ($ROWS);
      """;

  private static final String KEEP =
      """
      INSERT OR $CONFLICT INTO patronus_deleted_rows (archive_id, table_no, part, row_key$INTO)
      SELECT $TO, $NO, $PART, c.$ROWID, $VALUES FROM $TABLE c WHERE $CONDITION;
      """;

  private static final String ADD_CHANGES =
      """
      UPDATE patronus_deleted_tables SET row_count = row_count + changes()
      WHERE archive_id = $ARCHIVE AND table_no = $NO;
      """;

  private static final String LOSES_BACKUP =
      """
      c.primary_path_id <> CAST(OLD.path_id AS TEXT) AND CASE
        WHEN json_valid(c.backup_path_ids) THEN json_type(c.backup_path_ids) = 'array' AND EXISTS (
          SELECT 1 FROM json_each(c.backup_path_ids) e
          WHERE CAST(e.value AS TEXT) = CAST(OLD.path_id AS TEXT))
        ELSE 0 END\
      """;

  private static final String REWRITE =
      """
      UPDATE sdwan_failover_policies SET backup_path_ids = (
        SELECT json_group_array(e.value) FROM json_each(backup_path_ids) e
        WHERE CAST(e.value AS TEXT) <> CAST(OLD.path_id AS TEXT))
      WHERE policy_id IN (SELECT c.policy_id FROM sdwan_failover_policies c WHERE $CONDITION);
      """;

  private static final String SAME_COUNT =
      """
      UPDATE patronus_deleted_tables SET row_count = (SELECT row_count FROM patronus_deleted_tables
        WHERE archive_id = $ARCHIVE AND table_no = $BEFORE)
      WHERE archive_id = $ARCHIVE AND table_no = $AFTER;
      """;

  private final TableShapes shapes;
  private final ForeignKeyGraph graph;

  private SiteGuards(TableShapes shapes, ForeignKeyGraph graph) {
    this.shapes = shapes;
    this.graph = graph;
  }

  /// The triggers by name, as SQLite keeps their text, for the tables and columns that are there.
  static SequencedMap<String, String> of(Connection connection) throws SQLException {
    TableShapes shapes = new TableShapes(connection);
    SiteGuards guards =
        new SiteGuards(shapes, ForeignKeyGraph.read(connection, shapes, List.of(SITES)));
    SequencedMap<String, String> triggers = new TreeMap<>();
    triggers.put("patronus_path_delete", guards.onPaths());
    triggers.put("patronus_endpoint_delete", guards.onEndpoints());
    triggers.put("patronus_site_delete", guards.onSites());
    SiteGuards policies =
        new SiteGuards(shapes, ForeignKeyGraph.read(connection, shapes, List.of(POLICIES)));
    triggers.put("patronus_policy_delete", policies.onPolicies());
    return triggers;
  }

  private String onPolicies() throws SQLException {
    List<String> body = new ArrayList<>(List.of(OPEN_FOR_POLICY));
    body.addAll(keep(POLICIES, "deleted", 0, "IGNORE", "c.policy_id = OLD.policy_id"));
    List<String> deletions = new ArrayList<>();
    follow(POLICIES, Set.of(), body, deletions, new HashSet<>(Set.of(POLICIES)));
    body.addAll(deletions.reversed());
    body.add(COUNT);
    return trigger("patronus_policy_delete", POLICIES, body, NEWEST);
  }

  private static String trigger(String name, String table, List<String> body) {
    return trigger(name, table, body, ARCHIVE);
  }

  /// @param archive the number of the archive
  private static String trigger(String name, String table, List<String> body, String archive) {
    return BEGIN
        .replace("$NAME", name)
        .replace("$TABLE", table)
        .replace("$BODY", String.join("", body).strip())
        .replace("$ARCHIVE", archive)
        .replace("$NOW", NOW)
        .replace("$SECONDS", Integer.toString(SECONDS));
  }

  private String onPaths() throws SQLException {
    List<String> body = new ArrayList<>(List.of(LEAVE_PATH_ARCHIVE, OPEN_FOR_PATHS));
    body.addAll(keep(PATHS, "deleted", 0, "IGNORE", "c.path_id = OLD.path_id"));
    List<String> deletions = new ArrayList<>();
    follow(PATHS, Set.of(), body, deletions, new HashSet<>(Set.of(SITES, PATHS)));
    if (shapes.find(FAILOVER).isPresent()) {
      body.addAll(rewrite());
    }
    body.addAll(deletions.reversed());
    body.add(COUNT);
    return trigger("patronus_path_delete", PATHS, body);
  }

  /// Below the archive of a site, endpoints wait under the number 0 until their site goes.
  private String onEndpoints() throws SQLException {
    List<String> body = new ArrayList<>(List.of(DROP_WAITING));
    body.addAll(rows(shapes.get(ENDPOINTS), number(ENDPOINTS, 0), "0", "IGNORE", own(ENDPOINTS)));
    body.add("UPDATE patronus_guard_archive SET waiting_since = $NOW;\n");
    return trigger("patronus_endpoint_delete", ENDPOINTS, body);
  }

  private String onSites() throws SQLException {
    List<String> body = new ArrayList<>(List.of(DROP_WAITING, OPEN_FOR_SITE));
    body.addAll(keep(SITES, "deleted", 0, "IGNORE", "c.site_id = OLD.site_id"));
    List<String> deletions = new ArrayList<>();
    follow(SITES, Set.of(PATHS, ENDPOINTS), body, deletions, new HashSet<>(Set.of(SITES)));
    body.addAll(claim());
    body.addAll(deletions.reversed());
    body.add(COUNT);
    body.add(CLOSE);
    return trigger("patronus_site_delete", SITES, body);
  }

  /// The condition that `c` is the row that goes.
  private String own(String table) throws SQLException {
    String rowid = rowid(shapes.get(table)).orElseThrow();
    return "c." + rowid + " = OLD." + rowid;
  }

  private static Optional<String> rowid(TableShape shape) {
    return shape.rowidName();
  }

  private List<String> claim() throws SQLException {
    TableShape shape = shapes.get(ENDPOINTS);
    List<String> columns = shape.columns().stream().map(TableShape.Column::name).toList();
    int column = columns.indexOf("site_id");
    String no = Integer.toString(number(ENDPOINTS, 0));
    String value = "v" + column % RowArchive.VALUES_PER_PART;
    String part = Integer.toString(column / RowArchive.VALUES_PER_PART);
    String waiting =
        "SELECT 1 FROM patronus_deleted_rows WHERE archive_id = 0 AND table_no = "
            + no
            + " AND part = "
            + part
            + " AND "
            + value
            + " = OLD.site_id";
    return List.of(
        note(shape, "deleted", number(ENDPOINTS, 0), waiting),
        CLAIM.replace("$NO", no).replace("$PART", part).replace("$VALUE", value),
        "UPDATE patronus_deleted_tables SET row_count = (SELECT count(*) FROM"
            + " patronus_deleted_rows WHERE archive_id = $ARCHIVE AND table_no = "
            + no
            + " AND part = 0) WHERE archive_id = $ARCHIVE AND table_no = "
            + no
            + ";\n");
  }

  /// Adds what archives the rows that depend on those of a table, and what deletes them.
  ///
  /// @param except children that triggers of their own archive
  private void follow(
      String table, Set<String> except, List<String> keeping, List<String> deleting, Set<String> on)
      throws SQLException {
    followFrom(table, except, "", keeping, deleting, on);
  }

  /// @param parents the condition that `p` is such a row of the table; empty for the row that goes
  private void followFrom(
      String table,
      Set<String> except,
      String parents,
      List<String> keeping,
      List<String> deleting,
      Set<String> on)
      throws SQLException {
    for (ForeignKey reference : graph.pointingAt(table)) {
      TableShape child = shapes.get(reference.child());
      boolean guarded =
          !except.contains(child.name())
              && !on.contains(child.name())
              && !reference.keepsChild(child)
              && child.rowidName().isPresent();
      if (guarded) {
        String condition = pointing(reference, child, parents);
        keeping.addAll(
            keep(
                child.name(),
                "deleted",
                0,
                "IGNORE",
                "c.rowid IN ("
                    + condition
                    + ")".replace("c.rowid", "c." + child.rowidName().orElseThrow())));
        deleting.add(
            "DELETE FROM "
                + TableShape.quoted(child.name())
                + " WHERE "
                + child.rowidName().orElseThrow()
                + " IN ("
                + condition
                + ");\n");
        Set<String> deeper = new HashSet<>(on);
        deeper.add(child.name());
        followFrom(child.name(), except, condition, keeping, deleting, deeper);
      }
    }
  }

  /// The rowids of the rows that point at the row that goes, or at one of these parents.
  private String pointing(ForeignKey reference, TableShape child, String parents)
      throws SQLException {
    String rowid = child.rowidName().orElseThrow();
    String from = "SELECT c." + rowid + " FROM " + TableShape.quoted(child.name()) + " c";
    List<String> pairs = new ArrayList<>();
    String alias = parents.isEmpty() ? "OLD" : "p";
    for (int i = 0; i < reference.childColumns().size(); i++) {
      String parent = alias + "." + TableShape.quoted(reference.parentColumns().get(i));
      pairs.add(
          "c."
              + TableShape.quoted(reference.childColumns().get(i))
              + " = "
              + (asText(reference, child) ? "CAST(" + parent + " AS TEXT)" : parent));
    }
    if (parents.isEmpty()) {
      return from + " WHERE " + String.join(" AND ", pairs);
    }
    TableShape parent = shapes.get(reference.parent());
    return from
        + " JOIN "
        + TableShape.quoted(parent.name())
        + " p ON "
        + String.join(" AND ", pairs)
        + " WHERE p."
        + parent.rowidName().orElseThrow()
        + " IN ("
        + parents
        + ")";
  }

  /// Whether the child holds an id as text.
  private static boolean asText(ForeignKey reference, TableShape child) {
    return !reference.declared()
        && child
            .find(reference.childColumns().getFirst())
            .map(column -> column.affinity().equals("TEXT"))
            .orElse(false);
  }

  private List<String> rewrite() throws SQLException {
    TableShape shape = shapes.get(FAILOVER);
    int before = number(FAILOVER, 1);
    int after = number(FAILOVER, 2);
    List<String> body = new ArrayList<>();
    body.addAll(keep(FAILOVER, "before", 1, "IGNORE", LOSES_BACKUP));
    body.add(note(shape, "after", after, "SELECT 1 FROM " + FAILOVER + " c WHERE " + LOSES_BACKUP));
    body.add(REWRITE.replace("$CONDITION", LOSES_BACKUP));
    String rewritten =
        "c.policy_id IN (SELECT row_key FROM patronus_deleted_rows WHERE archive_id = $ARCHIVE AND"
            + " table_no = "
            + before
            + ")";
    body.addAll(rows(shape, after, "$ARCHIVE", "REPLACE", rewritten));
    body.add(
        SAME_COUNT
            .replace("$BEFORE", Integer.toString(before))
            .replace("$AFTER", Integer.toString(after)));
    return body;
  }

  /// The number of a table in each archive: the same for all, so that several triggers may add to
  /// it.
  ///
  /// @param role 0 deleted, 1 before, 2 after
  private int number(String table, int role) {
    return 3 * graph.tables().indexOf(table) + role + 1;
  }

  private List<String> keep(String table, String word, int role, String conflict, String condition)
      throws SQLException {
    TableShape shape = shapes.get(table);
    int no = number(table, role);
    List<String> body = new ArrayList<>();
    String rows = "SELECT 1 FROM " + TableShape.quoted(table) + " c WHERE " + condition;
    body.add(note(shape, word, no, rows));
    List<String> parts = rows(shape, no, "$ARCHIVE", conflict, condition);
    body.addAll(parts);
    body.add(ADD_CHANGES.replace("$NO", Integer.toString(no)));
    return body;
  }

  private static String note(TableShape shape, String role, int no, String rows) {
    Json.Builder types = Json.object();
    shape.columns().forEach(column -> types.put(column.name(), column.type()));
    return NOTE.replace("$NO", Integer.toString(no))
        .replace("$ROLE", role)
        .replace("$ROWS", rows)
        .replace("$NAME", shape.name().replace("'", "''"))
        .replace("$TYPES", types.build().toString().replace("'", "''"));
  }

  /// One statement for each part of wide rows.
  private static List<String> rows(
      TableShape shape, int no, String to, String conflict, String condition) {
    List<String> statements = new ArrayList<>();
    List<String> names = shape.columns().stream().map(TableShape.Column::name).toList();
    for (int first = 0; first < names.size(); first += RowArchive.VALUES_PER_PART) {
      List<String> part =
          names.subList(first, Math.min(first + RowArchive.VALUES_PER_PART, names.size()));
      StringBuilder into = new StringBuilder();
      List<String> values = new ArrayList<>();
      for (int i = 0; i < part.size(); i++) {
        into.append(", v").append(i);
        values.add("c." + TableShape.quoted(part.get(i)));
      }
      statements.add(
          KEEP.replace("$CONFLICT", conflict)
              .replace("$INTO", into)
              .replace("$TO", to)
              .replace("$NO", Integer.toString(no))
              .replace("$PART", Integer.toString(first / RowArchive.VALUES_PER_PART))
              .replace("$ROWID", shape.rowidName().orElseThrow())
              .replace("$VALUES", String.join(", ", values))
              .replace("$TABLE", TableShape.quoted(shape.name()))
              .replace("$CONDITION", condition));
    }
    return statements;
  }
}
