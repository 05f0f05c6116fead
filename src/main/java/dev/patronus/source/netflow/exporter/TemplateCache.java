package dev.patronus.source.netflow.exporter;

import dev.patronus.source.netflow.template.Template;
import dev.patronus.source.netflow.wire.Timestamps;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The templates of one stream of datagrams by their ids (RFC 3954 §5.1, RFC 7011 §8).
///
/// Confined to the decoder's thread. [Exporter] limits how many there are.
public final class TemplateCache {
  /// What RFC 7011 §8.4 asks of a collector: three times the exporter's refresh interval. The
  /// slowest exporter known refreshes every 30 minutes.
  static final long LIFETIME_MILLIS = 3 * 30 * 60_000L;

  private final Map<Integer, Template> templates = new HashMap<>();
  private @Nullable Template latest; // of the last data set: most streams have one or two

  /// The template of that id, or null.
  public @Nullable Template get(int id) {
    if (latest != null && latest.definition().id() == id) {
      return latest;
    }
    Template found = templates.get(id);
    latest = found == null ? latest : found;
    return found;
  }

  /// Whether a template was not sent again for so long that it does not hold any more.
  public static boolean isExpired(Template template, Timestamps now) {
    return now.steadyMillis() - template.refreshedMillis() > LIFETIME_MILLIS;
  }

  /// Keeps a template.
  ///
  /// @return the one that it replaces, or null
  @Nullable Template put(Template template) {
    latest = null;
    return templates.put(template.definition().id(), template);
  }

  /// Forgets a template.
  ///
  /// @return the one that was there, or null
  @Nullable Template remove(int id) {
    latest = null;
    return templates.remove(id);
  }

  public Collection<Template> all() {
    return templates.values();
  }
}
