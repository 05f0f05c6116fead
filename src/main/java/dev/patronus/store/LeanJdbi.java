package dev.patronus.store;

import java.sql.Connection;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.ParsedParameters;
import org.jdbi.v3.core.statement.ParsedSql;
import org.jdbi.v3.core.statement.SqlParser;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.TemplateEngine;

/// JDBI for SQL as SQLite and PostgreSQL take it: no templates, no names, no classes mapped by
/// reflection.
///
/// The parameters of a statement are `?`, or `?1`, `?2`, ... (sqlite.org/lang_expr.html#varparam).
public final class LeanJdbi implements SqlParser {
  /// A text or a name in quotes, or a parameter, whose group is its number.
  private static final Pattern PARAMETER = Pattern.compile("'[^']*'|\"[^\"]*\"|\\?(\\d*)");

  private LeanJdbi() {}

  /// A handle on an open connection. The transactions and the connection remain those of the
  /// caller: the handle begins, ends and closes none, and needs no closing itself.
  public static Handle on(Connection connection) {
    Jdbi jdbi = Jdbi.create(connection);
    jdbi.getConfig(SqlStatements.class)
        .setTemplateEngine(TemplateEngine.NOP)
        .setSqlParser(new LeanJdbi());
    return jdbi.open();
  }

  @Override
  public ParsedSql parse(String sql, StatementContext context) {
    int parameters = 0;
    Matcher matcher = PARAMETER.matcher(sql);
    while (matcher.find()) {
      parameters = Math.max(parameters, number(matcher, parameters));
    }
    return ParsedSql.of(sql, ParsedParameters.positional(parameters));
  }

  private static int number(MatchResult found, int before) {
    String digits = found.group(1);
    return digits == null ? 0 : digits.isEmpty() ? before + 1 : Integer.parseInt(digits);
  }

  @Override
  public String nameParameter(String name, StatementContext context) {
    throw new UnsupportedOperationException("parameters have numbers, not the name " + name);
  }
}
