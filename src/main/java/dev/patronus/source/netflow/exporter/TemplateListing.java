package dev.patronus.source.netflow.exporter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The templates of one exporter and the sampling rates that it announced, at one moment.
///
/// Immutable.
///
/// @param address of the exporter, without port
/// @param templates those that are known, and those that data sets wait for, by stream and id
/// @param announced the sampling rates that its options announced, by domain and sampler
public record TemplateListing(String address, List<Known> templates, List<Announced> announced) {
  public TemplateListing {
    templates = List.copyOf(templates);
    announced = List.copyOf(announced);
  }

  /// What the records of a template describe.
  public enum Kind {
    DATA,
    OPTIONS,
    /// The template has not come, data that needs it has.
    MISSING
  }

  /// A template; of one that is missing the id and what waits for it are known alone.
  ///
  /// @param fields how many fields the exporter named, read or not; -1 if that is not known
  /// @param elements the names of the elements that are read
  /// @param recordBytes the length of a record; of one with variable fields, the least
  /// @param refreshedMillis when it last came, by the monotonic clock
  /// @param recordsDropped its records that were dropped, so that traffic may be missing
  /// @param waiting data sets that wait for it now
  public record Known(
      Stream.Id stream,
      int id,
      Kind kind,
      int fields,
      List<String> elements,
      int recordBytes,
      boolean variable,
      long refreshedMillis,
      long recordsDropped,
      int waiting) {
    public Known {
      elements = List.copyOf(elements);
    }
  }

  /// A sampling rate that options announced.
  ///
  /// @param sampler its id; null if the rate is that of the whole domain
  public record Announced(int domain, @Nullable Long sampler, Rate rate) {}
}
