package dev.patronus.cli.site;

import dev.patronus.cli.option.Finder;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.site.Site;
import java.util.List;

/// How sites read in answers, and how they are found.
final class SiteTexts {
  static final Column<Site> NAME = Column.of("site_name", "SITE", Kind.TEXT, Site::name);
  static final Column<Site> ID = Column.of("site_id", "UUID", Kind.ID, Site::id);
  static final Column<Site> STATUS = Column.of("status", Kind.STATUS, site -> site.status().text());
  static final Column<Site> LAST_SEEN = Column.of("last_seen", Kind.TIME, Site::lastSeen);
  static final Column<Site> CREATED = Column.of("created_at", Kind.TIME, Site::createdAt);

  private SiteTexts() {}

  static Finder<Site> finder(List<Site> sites) {
    return new Finder<>("site", sites, Site::id, Site::name, "site list");
  }
}
