package dev.patronus.cli.site;

import dev.patronus.cli.option.Finder;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.site.Site;
import java.util.List;

/// How sites read in answers, and how they are found.
final class SiteTexts {
  static final Column NAME = Column.of("site_name", "SITE", Kind.TEXT);
  static final Column ID = Column.of("site_id", "UUID", Kind.ID);

  private SiteTexts() {}

  static Finder<Site> finder(List<Site> sites) {
    return new Finder<>("site", sites, Site::id, Site::name, "site list");
  }
}
