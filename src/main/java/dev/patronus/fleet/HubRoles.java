package dev.patronus.fleet;

import java.util.List;
import org.jdbi.v3.core.Handle;

/// The roles of a hub, which are named for its database.
///
/// Immutable.
///
/// @param owner owns the schema; quoted for SQL, as the others are
/// @param reader may read all
record HubRoles(String owner, String reader, String gatewayPrefix, String database) {
  /// The roles of the database that a handle is connected to.
  static HubRoles of(Handle handle) {
    String database = handle.createQuery("SELECT current_database()").mapTo(String.class).one();
    return new HubRoles(
        quoted(database + "_fleet_owner"),
        quoted(database + "_fleet_reader"),
        database + "_gw_",
        quoted(database));
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String plain(String quoted) {
    return quoted.substring(1, quoted.length() - 1).replace("\"\"", "\"");
  }

  boolean isSuperuser(Handle handle) {
    return handle
        .createQuery("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        .mapTo(Boolean.class)
        .one();
  }

  /// Makes the two roles if they are missing, and lets who does so act as the owner.
  void make(Handle handle) {
    for (String role : List.of(owner, reader)) {
      boolean there =
          handle
              .createQuery("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = ?)")
              .bind(0, plain(role))
              .mapTo(Boolean.class)
              .one();
      if (!there) {
        handle.execute("CREATE ROLE " + role + " NOLOGIN");
      }
    }
    if (!isSuperuser(handle)) {
      handle.execute("GRANT " + owner + " TO CURRENT_USER");
    }
    handle.execute("GRANT CREATE ON DATABASE " + database + " TO " + owner);
  }

  /// Gives the reader what is there and what will be; as the owner.
  void grant(Handle handle) {
    handle.execute("GRANT USAGE ON SCHEMA fleet TO " + reader);
    handle.execute("GRANT SELECT ON ALL TABLES IN SCHEMA fleet TO " + reader);
    handle.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA fleet GRANT SELECT ON TABLES TO " + reader);
    handle.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA fleet FROM PUBLIC");
  }

  /// Takes from PUBLIC what the owner of a database can take.
  void close(Handle handle) {
    handle.execute("REVOKE ALL ON DATABASE " + database + " FROM PUBLIC");
    handle.execute("GRANT CONNECT ON DATABASE " + database + " TO " + reader);
    handle.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC");
  }
}
