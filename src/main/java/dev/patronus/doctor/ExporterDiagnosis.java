package dev.patronus.doctor;

import static dev.patronus.doctor.Finding.failed;
import static dev.patronus.doctor.Finding.warning;

import dev.patronus.control.answer.ExporterAnswer;
import dev.patronus.control.answer.ExporterAnswer.Drops;
import dev.patronus.control.answer.ExporterAnswer.FaultyTemplate;
import dev.patronus.doctor.Finding.Step;
import dev.patronus.error.Counted;
import dev.patronus.source.netflow.wire.Drop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Draws conclusions from what the daemon says of one exporter: what of its data is lost or in
/// doubt, and why.
///
/// Pure; made for one walk.
final class ExporterDiagnosis {
  private static final long SKEW_MOST_SECONDS = 60;
  private static final Set<String> DATAGRAM_REASONS = losing(Drop.Unit.DATAGRAM);
  private static final Set<String> RECORD_REASONS = losing(Drop.Unit.RECORD);

  private static final Duration SILENCE =
      Duration.ofMinutes(35); // beyond NetFlow's default of 30 min

  private final ExporterAnswer exporter;
  private final String name;
  private final Optional<Instant> lastSeen;
  private final Instant startedAt;
  private final Instant now;
  private final List<Finding> findings = new ArrayList<>();

  private ExporterDiagnosis(
      ExporterAnswer exporter, Optional<Instant> lastSeen, Instant startedAt, Instant now) {
    this.exporter = exporter;
    this.lastSeen = lastSeen;
    this.name = "exporter " + exporter.exporter();
    this.startedAt = startedAt;
    this.now = now;
  }

  /// What is wrong with an exporter; nothing if all is well.
  ///
  /// @param lastSeen when any receiver has last heard of it; empty if only an earlier run of the
  ///   daemon has
  /// @param startedAt when the daemon was started
  static List<Finding> of(
      ExporterAnswer exporter, Optional<Instant> lastSeen, Instant startedAt, Instant now) {
    ExporterDiagnosis walk = new ExporterDiagnosis(exporter, lastSeen, startedAt, now);
    walk.walk();
    return List.copyOf(walk.findings);
  }

  /// The reasons for which traffic may be missing, of those that count datagrams or records.
  private static Set<String> losing(Drop.Unit unit) {
    return Stream.of(Drop.values())
        .filter(drop -> drop.unit() == unit && drop.loses())
        .map(Drop::reason)
        .collect(Collectors.toUnmodifiableSet());
  }

  private void walk() {
    Drops drops = exporter.drops();
    long templateless = drops.of("no_template") + drops.of("waiting_room_full");
    if (templateless > 0 || isWaiting()) {
      boolean nothing = exporter.records() == 0;
      String next =
          "restart the exporter, or configure it to send its templates every minute:"
              + " flow data cannot be decoded without them";
      String message =
          name
              + " sent "
              + (templateless > 0 ? templateless + " data sets" : "data")
              + " whose templates are not known"
              + templates(exporter.waiting().unknown());
      findings.add(
          nothing
              ? failed(Step.DECODING, "templates_missing", message, next)
              : warning(Step.DECODING, "templates_missing", message, next));
    }
    if (exporter.samplerUnknown() > 0) {
      findings.add(
          warning(
              Step.DECODING,
              "sampling_unknown",
              name
                  + " names a sampler whose rate it has not announced; its volumes are"
                  + " counted without scaling",
              "set the rate with ?sampling=N in the source, or configure it to export"
                  + " its sampler options"));
    }
    contradicted();
    dropped();
    if (exporter.payloadBytes().orElse(false)) {
      findings.add(
          warning(
              Step.DECODING,
              "payload_bytes",
              name
                  + " counts payload bytes, without IP and transport headers: its bytes are too low"
                  + " by 20 to 60 for each packet",
              "configure it to export element 1 (octetDeltaCount) if IP bytes are" + " needed"));
    }
    skew(exporter.clockSkewSeconds());
    lost(exporter.lost());
    silence();
  }

  /// Samples that stand for half or twice of the packets that the agent says it has seen.
  private void contradicted() {
    long samples = exporter.rateContradicted().orElse(0L);
    if (samples > 0 && samples * 100 >= exporter.records()) {
      findings.add(
          warning(
              Step.DECODING,
              "sampling_contradicted",
              samples
                  + " samples of "
                  + name
                  + " name a sampling rate that does not fit the growth of their sample pool;"
                  + " they were counted by the rate that they name",
              "compare the agent's configuration with 'patronus status --templates'; 'sampling = "
                  + exporter.exporter()
                  + " RATE' in /etc/patronus/patronus.conf overrides it"));
    }
  }

  /// A hundredth of what an exporter sends, or more, is a noticeable share.
  private void dropped() {
    long records = exporter.drops().records().orElse(0L);
    long all = exporter.records() + records;
    if (records > 0 && records * 100 >= all) {
      String message =
          records
              + " of "
              + all
              + " records of "
              + name
              + " were dropped: "
              + reasons(RECORD_REASONS)
              + exporter.faultyTemplate().map(ExporterDiagnosis::faulty).orElse("");
      String next =
          exporter.drops().of("above_max_rate") > 0
              ? "raise '?max-rate=' of the source if its links are that fast; 'patronus status'"
                  + " shows the reasons"
              : "look at a capture of its datagrams with 'tshark -V', and compare templates with data"
                  + " where it sends them; 'patronus status' shows the reasons";
      findings.add(
          records > exporter.records()
              ? failed(Step.DECODING, "records_dropped", message, next)
              : warning(Step.DECODING, "records_dropped", message, next));
    }
    droppedDatagrams();
    long sets = exporter.drops().of("template_mismatch") + exporter.drops().of("malformed_set");
    if (sets * 100 >= exporter.datagrams() && sets > 0) {
      findings.add(
          warning(
              Step.DECODING,
              "sets_dropped",
              name
                  + " sent "
                  + sets
                  + " sets that do not fit their templates or are malformed"
                  + templates(exporter.waiting().mismatched()),
              "restart the exporter, so that it sends the templates that it uses"));
    }
  }

  private void droppedDatagrams() {
    long dropped = exporter.drops().datagrams().orElse(0L);
    long understood = exporter.datagrams();
    if (dropped == 0 || dropped * 100 < understood + dropped) {
      return;
    }
    String message =
        dropped
            + " of "
            + (understood + dropped)
            + " datagrams from "
            + name
            + " are no flow export that can be read: "
            + reasons(DATAGRAM_REASONS);
    String next =
        "look at a capture of its datagrams with 'tshark -V': their version, and whether they are"
            + " meant for this port (netflow: for NetFlow 5, 9 and IPFIX, sflow: for sFlow 5)";
    findings.add(
        dropped > understood
            ? failed(Step.DECODING, "datagrams_dropped", message, next)
            : warning(Step.DECODING, "datagrams_dropped", message, next));
  }

  /// The template of which most records were dropped, and the elements that decided about that.
  private static String faulty(FaultyTemplate fault) {
    return "; most of them in template "
        + fault.template()
        + " (domain "
        + fault.domain()
        + "), "
        + cause(fault.reason(), fault.elements());
  }

  private static String cause(String reason, List<String> elements) {
    String named = String.join(", ", elements);
    return switch (reason) {
      case "no_addresses" ->
          elements.isEmpty()
              ? "which has no address (elements sourceIPv4Address, destinationIPv4Address or those"
                  + " of IPv6)"
              : "whose addresses are not complete: it has " + named;
      case "no_volume" ->
          elements.isEmpty()
              ? "which counts nothing (elements octetDeltaCount, packetDeltaCount)"
              : "where these are 0: " + named;
      case "implausible_volume" -> "where these do not go together: " + named;
      case "above_max_rate" -> "where these exceed max-rate: " + named;
      case "counter_overflow" -> "where these are too large: " + named;
      default -> "for " + reason;
    };
  }

  /// The ids of templates that an exporter has trouble with, the latest ones.
  private static String templates(Optional<List<Long>> known) {
    List<Long> ids = known.orElse(List.of());
    if (ids.isEmpty()) {
      return "";
    }
    return (ids.size() == 1 ? " (template " : " (templates ")
        + ids.stream().map(String::valueOf).collect(Collectors.joining(", "))
        + ")";
  }

  /// The reasons for which records were dropped, the most frequent first.
  private String reasons(Set<String> wanted) {
    Drops drops = exporter.drops();
    return drops.reasons().keySet().stream()
        .filter(wanted::contains)
        .sorted(Comparator.comparingLong((String reason) -> -drops.of(reason)))
        .map(reason -> reason + ": " + drops.of(reason))
        .collect(Collectors.joining(", "));
  }

  /// Whether data waits for its templates, and none has ever come.
  private boolean isWaiting() {
    boolean waitNow = exporter.waiting().now().orElse(0L) > 0;
    boolean waited = exporter.records() == 0 && exporter.waiting().sets().orElse(0L) > 0;
    return exporter.templates() == 0 && (waitNow || waited);
  }

  private void skew(long seconds) {
    if (Math.abs(seconds) > SKEW_MOST_SECONDS) {
      findings.add(
          warning(
              Step.DECODING,
              "clock_skew",
              "the clock of "
                  + name
                  + " is "
                  + Math.abs(seconds)
                  + " s "
                  + (seconds > 0 ? "ahead" : "behind"),
              "synchronize both machines with NTP; until then arrival times are used"));
    }
  }

  private void lost(long lost) {
    if (lost > 0) {
      findings.add(
          warning(
              Step.DECODING,
              "loss",
              Counted.of(lost, "record or datagram", "records or datagrams")
                  + " of "
                  + name
                  + (lost == 1 ? " was" : " were")
                  + " lost, according to its sequence numbers",
              "look for drops in the network and for 'kernel_drops' here"));
    }
  }

  private void silence() {
    Instant since = lastSeen.orElse(startedAt);
    if (since.plus(SILENCE).isBefore(now)) {
      findings.add(
          warning(
              Step.DECODING,
              "exporter_silent",
              lastSeen.isPresent()
                  ? name + " last sent data at " + since
                  : name + " has sent nothing since the daemon started at " + since,
              "check that it still runs"));
    }
  }
}
