package dev.patronus.doctor;

import dev.patronus.doctor.Finding.Step;
import dev.patronus.json.Json;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Finds packets that are counted twice: the kernel's connection tracking counts each that this
/// machine forwards, and so does a flow exporter of this machine.
///
/// Pure.
public final class DoubleCounting {
  private DoubleCounting() {}

  /// A warning where `conntrack:` and flow export of this machine are both open.
  ///
  /// @param status what the daemon says
  /// @param isLocal whether an address is one of this machine
  public static Optional<Finding> find(Json.Obj status, Predicate<String> isLocal) {
    boolean conntrack =
        status.list("sources").stream()
            .map(Json.Obj.class::cast)
            .anyMatch(source ->
                source.text("source").equals("conntrack:")
                    && !source.text("state").equals("failed"));
    List<Json> exporters =
        status.find("exporters").isPresent() ? status.list("exporters") : List.of();
    return exporters.stream()
        .filter(_ -> conntrack)
        .map(Json.Obj.class::cast)
        .filter(exporter -> exporter.integer("records") > 0)
        .map(exporter -> exporter.text("exporter"))
        .filter(isLocal)
        .findFirst()
        .map(exporter ->
            Finding.warning(
                Step.ARRIVING,
                "counted_twice",
                "conntrack: and the flow exporter "
                    + exporter
                    + " on this machine report the same packets, and both are counted",
                "use only one of the two sources in /etc/patronus/patronus.conf, and"
                    + " send the daemon a HUP"));
  }
}
