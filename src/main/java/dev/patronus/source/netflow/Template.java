package dev.patronus.source.netflow;

import java.util.List;

/// What an exporter said about the records of one id, and the plan that we made of it.
///
/// Confined to the decoder's thread.
final class Template {
  /// The most fields of one template.
  static final int MAX_FIELDS = 512;

  /// A template as it was defined; two are the same if their records mean the same.
  ///
  /// @param options whether its records describe the exporter instead of flows
  /// @param fields those that are read; what lies between them is joined ([Layout#joined])
  record Definition(int id, boolean options, List<Field> fields) {
    Definition {
      fields = List.copyOf(Layout.joined(fields));
    }
  }

  private final Definition definition;
  private final Layout layout;
  private long refreshedMillis;

  Template(Definition definition, long refreshedMillis) {
    this.definition = definition;
    this.layout = new Layout(definition.fields());
    this.refreshedMillis = refreshedMillis;
  }

  Definition definition() {
    return definition;
  }

  Layout layout() {
    return layout;
  }

  /// An estimate of the memory that it takes.
  int memoryBytes() {
    return MemoryBudget.templateBytes(definition.fields().size());
  }

  /// When it last came, by our steady clock.
  long refreshedMillis() {
    return refreshedMillis;
  }

  void refresh(Moment now) {
    refreshedMillis = now.steadyMillis();
  }
}
