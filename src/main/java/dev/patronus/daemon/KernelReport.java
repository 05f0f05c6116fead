package dev.patronus.daemon;

import dev.patronus.json.Json;
import dev.patronus.source.conntrack.ConntrackCheck.Problem;
import java.util.List;

/// The part of the status report about missing kernel accounting settings.
///
/// Pure.
final class KernelReport {
  private KernelReport() {}

  /// The problems in order of severity; empty if there are none.
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
