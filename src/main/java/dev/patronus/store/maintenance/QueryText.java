package dev.patronus.store.maintenance;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.util.Locale;
import java.util.Set;

/// The text of one SQL statement, as far as it must be understood before SQLite sees it: with what
/// it begins, and where it ends (sqlite.org/lang_comment.html, lang_expr.html).
public final class QueryText {
  /// How a statement that only reads begins.
  public static final Set<String> QUERIES = Set.of("SELECT", "WITH", "VALUES", "EXPLAIN");

  /// How others begin.
  private static final Set<String> OTHERS =
      Set.of(
          "INSERT",
          "UPDATE",
          "DELETE",
          "REPLACE",
          "CREATE",
          "DROP",
          "ALTER",
          "ATTACH",
          "DETACH",
          "PRAGMA",
          "VACUUM",
          "REINDEX",
          "ANALYZE",
          "BEGIN",
          "COMMIT",
          "END",
          "ROLLBACK",
          "SAVEPOINT",
          "RELEASE");

  private QueryText() {}

  /// Whether a statement begins with this word.
  public static boolean begins(String word) {
    String upper = word.toUpperCase(Locale.ROOT);
    return QUERIES.contains(upper) || OTHERS.contains(upper);
  }

  /// The statement without what follows it.
  ///
  /// @throws UserError if it is no query, or more than one
  static String single(String sql) {
    int start = skipBlank(sql, 0);
    String first = word(sql, start).toUpperCase(Locale.ROOT);
    if (!QUERIES.contains(first)) {
      throw new UserError(
          ExitCode.REFUSED,
          "only SELECT, WITH, VALUES and EXPLAIN are run, not '"
              + (first.isEmpty() ? sql.strip() : first)
              + "'; nothing can be changed this way");
    }
    int end = end(sql, start);
    if (skipBlank(sql, Math.min(sql.length(), end + 1)) < sql.length()) {
      throw new UserError(ExitCode.USAGE, "one statement at a time; what follows the ';' is one");
    }
    return sql.substring(start, end);
  }

  private static String word(String sql, int start) {
    int end = start;
    while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
      end++;
    }
    return sql.substring(start, end);
  }

  /// Where the statement's `;` is, or its text ends.
  private static int end(String sql, int start) {
    int at = start;
    while (at < sql.length() && sql.charAt(at) != ';') {
      at = skipOne(sql, at);
    }
    return Math.min(at, sql.length());
  }

  /// Where what begins here ends: a quoted text, a comment, or a character. Never before `at`.
  public static int skipOne(String sql, int at) {
    char c = sql.charAt(at);
    return switch (c) {
      case '\'', '"', '`' -> after(sql, String.valueOf(c), at + 1);
      case '[' -> after(sql, "]", at + 1);
      case '-' -> sql.startsWith("--", at) ? after(sql, "\n", at + 2) : at + 1;
      case '/' -> sql.startsWith("/*", at) ? after(sql, "*/", at + 2) : at + 1;
      default -> at + 1;
    };
  }

  private static int after(String sql, String end, int from) {
    int found = sql.indexOf(end, from);
    return found < 0 ? sql.length() : found + end.length();
  }

  private static int skipBlank(String sql, int from) {
    int at = from;
    while (at < sql.length()) {
      boolean comment = sql.startsWith("--", at) || sql.startsWith("/*", at);
      if (!comment && !Character.isWhitespace(sql.charAt(at)) && sql.charAt(at) != ';') {
        return at;
      }
      at = comment ? skipOne(sql, at) : at + 1;
    }
    return at;
  }
}
