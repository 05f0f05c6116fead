package dev.patronus.site;

import java.util.Arrays;

/// The kinds of things whose deletion archives their rows, so that they can be restored.
public enum ItemKind {
  SITE("site", "sites", "site"),
  POLICY("policy", "policies", "policy"),
  /// All rows that point at a site, path or policy that is not there.
  LEFTOVERS("leftovers", "leftovers", "db leftovers");

  private final String word;
  private final String plural;
  private final String command;

  ItemKind(String word, String plural, String command) {
    this.word = word;
    this.plural = plural;
    this.command = command;
  }

  /// The kind of this word; a site if there is none.
  public static ItemKind of(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word.equals(word)).findFirst().orElse(SITE);
  }

  /// One of them, in words and in the database: `site`.
  public String word() {
    return word;
  }

  /// The group of commands that are about them: `site`.
  public String command() {
    return command;
  }

  /// Several of them: `sites`.
  public String plural() {
    return plural;
  }
}
