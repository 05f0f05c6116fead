package dev.patronus.source.netflow.exporter;

import dev.patronus.source.netflow.wire.Drop;
import java.util.List;

/// The template of an exporter of which most records were dropped.
///
/// Immutable.
///
/// @param template its id
/// @param records how many of its records were dropped
/// @param why the reason for the last of them
/// @param elements the elements that decide about that; empty if the template lacks them
public record TemplateFault(
    int template, int domain, long records, Drop why, List<String> elements) {
  public TemplateFault {
    elements = List.copyOf(elements);
  }
}
