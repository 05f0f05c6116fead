package dev.patronus.daemon;

import dev.patronus.json.Json;
import dev.patronus.source.conntrack.ConntrackCheck.Problem;
import java.util.List;

/// What the kernel's accounting lacks, each with a name for machines.
///
/// Pure.
final class KernelReport {
  private KernelReport() {}

  /// The complaints in their order; empty if nothing is missing.
  static List<Json> of(List<Problem> problems) {
    return problems.stream().map(KernelReport::problem).toList();
  }

  private static Json problem(Problem problem) {
    return Json.object()
        .put("fault", problem.fault().label())
        .put("message", problem.message())
        .put("next", problem.next())
        .build();
  }
}
