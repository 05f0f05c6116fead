package dev.patronus.daemon;

import dev.patronus.json.Json;
import dev.patronus.source.conntrack.ConntrackCheck;
import java.util.ArrayList;
import java.util.List;

/// What the kernel's accounting lacks, each with a name for machines.
///
/// Pure.
final class KernelReport {
  private KernelReport() {}

  /// The complaints in their order; empty if nothing is missing.
  static List<Json> of(ConntrackCheck check) {
    List<Json> complaints = new ArrayList<>();
    for (String complaint : check.complaints()) {
      int colon = complaint.indexOf(": ");
      String message = colon < 0 ? complaint : complaint.substring(0, colon);
      String next = colon < 0 ? "see conntrack(8)" : complaint.substring(colon + 2);
      complaints.add(
          Json.object()
              .put("fault", fault(check, complaints.size()))
              .put("message", message)
              .put("next", next)
              .build());
    }
    return complaints;
  }

  private static String fault(ConntrackCheck check, int index) {
    if (!check.available()) {
      return "conntrack_missing";
    }
    List<String> faults = new ArrayList<>();
    if (!check.permitted()) {
      faults.add("no_permission");
    }
    if (!check.counts()) {
      faults.add("accounting_off");
    }
    return index < faults.size() ? faults.get(index) : "not_tracked";
  }
}
