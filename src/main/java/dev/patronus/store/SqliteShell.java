package dev.patronus.store;

import java.nio.file.Path;
import java.util.regex.Pattern;

/// Commands for SQLite's own shell, as a person can paste them.
public final class SqliteShell {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./+:@%-]+");
  private static final Pattern SPECIAL_IN_QUOTES = Pattern.compile("([\"$`\\\\])");

  private SqliteShell() {}

  /// The command that runs a statement, or a dot command, on a database.
  public static String command(Path file, String statement) {
    String name = file.toString();
    String path = PLAIN.matcher(name).matches() ? name : "'" + name.replace("'", "'\\''") + "'";
    return "sqlite3 " + path + " " + quoted(statement);
  }

  private static String quoted(String statement) {
    if (PLAIN.matcher(statement).matches()) {
      return statement;
    }
    return statement.contains("'")
        ? '"' + SPECIAL_IN_QUOTES.matcher(statement).replaceAll("\\\\$1") + '"'
        : "'" + statement + "'";
  }
}
