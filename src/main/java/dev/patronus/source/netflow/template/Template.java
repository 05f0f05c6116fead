package dev.patronus.source.netflow.template;

import dev.patronus.source.netflow.wire.Timestamps;
import java.util.List;

/// One template of an exporter, with its compiled [Layout].
///
/// Confined to the decoder's thread.
public final class Template {
  /// The most fields of one template.
  public static final int MAX_FIELDS = 512;

  /// A template as it was defined; two are the same if their records mean the same.
  ///
  /// @param options whether its records describe the exporter instead of flows
  /// @param fields those that are read; what lies between them is joined ([Layout#joined])
  public record Definition(int id, boolean options, List<TemplateField> fields) {
    public Definition {
      fields = List.copyOf(Layout.joined(fields));
    }
  }

  private final Definition definition;
  private final Layout layout;
  private long refreshedMillis;

  public Template(Definition definition, long refreshedMillis) {
    this.definition = definition;
    this.layout = new Layout(definition.fields());
    this.refreshedMillis = refreshedMillis;
  }

  public Definition definition() {
    return definition;
  }

  public Layout layout() {
    return layout;
  }

  /// An estimate of the memory that it takes.
  public int memoryBytes() {
    return MemoryBudget.templateBytes(definition.fields().size());
  }

  /// When it last came, by our monotonic clock.
  public long refreshedMillis() {
    return refreshedMillis;
  }

  public void refresh(Timestamps now) {
    refreshedMillis = now.steadyMillis();
  }
}
