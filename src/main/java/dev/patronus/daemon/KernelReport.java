package dev.patronus.daemon;

import dev.patronus.json.Json;
import dev.patronus.source.conntrack.ConntrackCheck.Complaint;
import java.util.List;

/// What the kernel's accounting lacks, each with a name for machines.
///
/// Pure.
final class KernelReport {
  private KernelReport() {}

  /// The complaints in their order; empty if nothing is missing.
  static List<Json> of(List<Complaint> complaints) {
    return complaints.stream().map(KernelReport::complaint).toList();
  }

  private static Json complaint(Complaint complaint) {
    return Json.object()
        .put("fault", complaint.fault().label())
        .put("message", complaint.message())
        .put("next", complaint.next())
        .build();
  }
}
