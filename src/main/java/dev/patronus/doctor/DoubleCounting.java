package dev.patronus.doctor;

import dev.patronus.control.answer.ExporterAnswer;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.doctor.Finding.Step;
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
  public static Optional<Finding> find(StatusAnswer status, Predicate<String> isLocal) {
    boolean conntrack =
        status.sources().stream()
            .anyMatch(source -> source.source().equals("conntrack:") && !source.hasFailed());
    return status.exporters().stream()
        .filter(exporter -> conntrack && exporter.records() > 0)
        .map(ExporterAnswer::exporter)
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
