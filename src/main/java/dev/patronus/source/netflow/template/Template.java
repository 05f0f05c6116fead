package dev.patronus.source.netflow.template;

import dev.patronus.source.netflow.wire.Drop;
import dev.patronus.source.netflow.wire.Timestamps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// One template of an exporter, with its compiled [Layout].
///
/// Changed by the decoder's thread; what it says of itself may be read by any thread.
public final class Template {
  /// The most fields of one template.
  public static final int MAX_FIELDS = 512;

  /// The number of fields of a template that was restored and has not come again.
  public static final int UNKNOWN_FIELDS = -1;

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
  private volatile int declaredFields;
  private volatile long refreshedMillis;
  private volatile long recordsDropped;
  private volatile @Nullable Drop dropReason;

  /// @param declaredFields how many fields the exporter named, read or not; or [#UNKNOWN_FIELDS]
  public Template(Definition definition, int declaredFields, long refreshedMillis) {
    this.definition = definition;
    this.layout = new Layout(definition.fields());
    this.declaredFields = declaredFields;
    this.refreshedMillis = refreshedMillis;
  }

  public Definition definition() {
    return definition;
  }

  public Layout layout() {
    return layout;
  }

  /// How many fields the exporter named, read or not; or [#UNKNOWN_FIELDS].
  public int declaredFields() {
    return declaredFields;
  }

  /// An estimate of the memory that it takes.
  public int memoryBytes() {
    return MemoryBudget.templateBytes(definition.fields().size());
  }

  /// When it last came, by our monotonic clock.
  public long refreshedMillis() {
    return refreshedMillis;
  }

  public void refresh(int declared, Timestamps now) {
    declaredFields = declared;
    refreshedMillis = now.steadyMillis();
  }

  /// Records that records of it were dropped, so that traffic may be missing.
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  public void dropped(long records, Drop why) {
    recordsDropped += records;
    dropReason = why;
  }

  /// How many of its records were dropped, so that traffic may be missing.
  public long recordsDropped() {
    return recordsDropped;
  }

  /// Why the last of them was; null if none was.
  public @Nullable Drop dropReason() {
    return dropReason;
  }

  /// The names of the elements that are read, in their order in a record.
  public List<String> elements() {
    return elements(_ -> true);
  }

  /// The names of the elements that decide about such a drop; empty if it has none of them.
  public List<String> elements(Drop why) {
    return switch (why) {
      case NO_ADDRESSES -> elements(FieldIndex::isAddress);
      case NO_VOLUME, IMPLAUSIBLE_VOLUME, ABOVE_MAX_RATE, COUNTER_OVERFLOW ->
          elements(FieldIndex::isCounter);
      default -> List.of();
    };
  }

  private List<String> elements(IntPredicate wanted) {
    List<String> names = new ArrayList<>();
    for (TemplateField field : definition.fields()) {
      int slot = FieldIndex.of(field.enterprise(), field.element());
      if (slot != FieldIndex.NONE && wanted.test(slot)) {
        names.add(ElementNames.of(field));
      }
    }
    return names;
  }
}
