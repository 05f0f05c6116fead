package dev.patronus.site;

/// The kinds of things whose deletion archives their rows, so that they can be restored.
public enum ItemKind {
  SITE("site", "sites"),
  POLICY("policy", "policies");

  private final String word;
  private final String plural;

  ItemKind(String word, String plural) {
    this.word = word;
    this.plural = plural;
  }

  /// One of them, in words and in the database: `site`.
  public String word() {
    return word;
  }

  /// Several of them: `sites`.
  public String plural() {
    return plural;
  }
}
