package dev.patronus.doctor;

import static dev.patronus.doctor.Finding.failed;
import static dev.patronus.doctor.Finding.ok;
import static dev.patronus.doctor.Finding.warning;

import dev.patronus.control.answer.ExporterAnswer;
import dev.patronus.control.answer.ExporterAnswer.Drops;
import dev.patronus.control.answer.ExporterAnswer.FaultyTemplate;
import dev.patronus.control.answer.SourceAnswer;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.control.answer.StatusAnswer.Counter;
import dev.patronus.control.answer.StatusAnswer.Snapshots;
import dev.patronus.control.answer.StatusAnswer.Traffic;
import dev.patronus.control.answer.StatusAnswer.Volume;
import dev.patronus.doctor.Finding.Step;
import dev.patronus.error.Counted;
import dev.patronus.source.netflow.wire.Drop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Draws conclusions from the facts, step by step.
///
/// Pure; made for one walk.
public final class Diagnosis {
  private static final long DISK_LEAST_BYTES = 16L << 20;
  private static final long SKEW_MOST_SECONDS = 60;
  private static final long DAYS_LEAST = 90;
  private static final String RETENTION = "raw:30d 5m:62d 1h:397d 1d:forever";

  /// Exporters report flows that last at least every half an hour, most every minute.
  private static final long SILENT_MINUTES = 30;

  private static final Set<String> DATAGRAM_REASONS = losing(Drop.Unit.DATAGRAM);
  private static final Set<String> RECORD_REASONS = losing(Drop.Unit.RECORD);

  private static final Duration SILENCE =
      Duration.ofMinutes(35); // beyond NetFlow's default of 30 min

  private final MachineFacts machine;
  private final Optional<StatusAnswer> status;
  private final Optional<String> refusal;
  private final Instant now;
  private final List<Finding> findings = new ArrayList<>();

  private Diagnosis(
      MachineFacts machine, Optional<StatusAnswer> status, Optional<String> refusal, Instant now) {
    this.machine = machine;
    this.status = status;
    this.refusal = refusal;
    this.now = now;
  }

  /// The findings of a walk, at least one for each step that could be looked at.
  ///
  /// @param status what the daemon says; empty if none answers
  /// @param refusal why it could not be asked, though a socket is there; empty if it could
  public static List<Finding> of(
      MachineFacts machine, Optional<StatusAnswer> status, Optional<String> refusal, Instant now) {
    Diagnosis walk = new Diagnosis(machine, status, refusal, now);
    walk.database();
    walk.policies();
    walk.daemon();
    status.ifPresent(walk::withDaemon);
    return List.copyOf(walk.findings);
  }

  /// The reasons for which traffic may be missing, of those that count datagrams or records.
  private static Set<String> losing(Drop.Unit unit) {
    return Stream.of(Drop.values())
        .filter(drop -> drop.unit() == unit && drop.loses())
        .map(Drop::reason)
        .collect(Collectors.toUnmodifiableSet());
  }

  private void withDaemon(StatusAnswer said) {
    said.health().heap().ifPresent(this::heap);
    arriving(said);
    decoding(said);
    matching(said);
    saving(said.snapshots());
    said.snapshots().future().ifPresent(this::future);
    notReady(said.health());
    said.hub().ifPresent(this::hub);
  }

  private void hub(StatusAnswer.Hub hub) {
    if (hub.error().isPresent()) {
      add(
          warning(
              Step.HUB,
              "hub_not_reached",
              hub.error().get(),
              "nothing is lost, it is sent later; look at the address in the setting fleet, at"
                  + " the network, and at 'patronus fleet status' on the hub"));
    } else if (hub.reached()) {
      add(ok(Step.HUB, "the hub has all that is new"));
    } else {
      add(ok(Step.HUB, "the hub was not called yet"));
    }
  }

  private void add(Finding finding) {
    findings.add(finding);
  }

  private boolean anyOf(Step step) {
    return findings.stream().anyMatch(finding -> finding.step() == step);
  }

  private boolean allIsWell(Step step) {
    return findings.stream()
        .allMatch(finding -> finding.step() != step || finding.state() == Finding.State.OK);
  }

  private void database() {
    machine.databaseTroubles().forEach(this::add);
    boolean saidFull = findings.stream().anyMatch(found -> found.fault().equals("disk_full"));
    if (!saidFull && machine.diskFreeBytes() >= 0 && machine.diskFreeBytes() < DISK_LEAST_BYTES) {
      add(
          failed(
              Step.DATABASE,
              "disk_full",
              "only " + machine.diskFreeBytes() / 1000 + " kB are free on the database's disk",
              "free some space: 'df -h "
                  + machine.folder()
                  + "'; 'patronus db prune' itself needs free space; the daemon keeps"
                  + " counting"));
    }
    if (machine.diskFreeBytes() < 0 && allIsWell(Step.DATABASE)) {
      add(
          warning(
              Step.DATABASE,
              "disk_unknown",
              "the free space of the database's disk cannot be determined",
              "check it with 'df'"));
    }
    diskFills();
    if (allIsWell(Step.DATABASE)) {
      boolean checked =
          findings.stream().noneMatch(found -> found.fault().equals("writing_not_checked"));
      add(
          ok(
              Step.DATABASE,
              "the database can be opened for reading" + (checked ? " and writing" : "")));
    }
  }

  private void diskFills() {
    long perDay = machine.growthBytesPerDay();
    if (perDay <= 0 || machine.diskFreeBytes() < DISK_LEAST_BYTES) {
      return;
    }
    long days = machine.diskFreeBytes() / perDay;
    if (days < DAYS_LEAST) {
      add(
          warning(
              Step.DATABASE,
              "disk_fills",
              "the history grows by "
                  + perDay / 1_000_000
                  + " MB per day, and the disk has space for "
                  + days
                  + " days of it",
              "keep raw rows for a limited time, roll-ups keep the sums: 'retention = "
                  + RETENTION
                  + "' in /etc/patronus/patronus.conf"));
    }
  }

  private void policies() {
    machine.policyTroubles().forEach(this::add);
    if (!anyOf(Step.POLICIES) && machine.usable()) {
      add(ok(Step.POLICIES, "all policies are valid"));
    }
  }

  private void daemon() {
    Optional<StatusAnswer.Health> stalled =
        status.map(StatusAnswer::health).filter(health -> !health.live());
    if (stalled.isPresent()) {
      add(
          failed(
              Step.DAEMON,
              "daemon_stalled",
              "the daemon responds but does not work: "
                  + stalled.get().notReadyBecause().orElse(""),
              "restart it with 'systemctl restart patronus'; counters are kept"));
      return;
    }
    add(status.isPresent() ? ok(Step.DAEMON, "the daemon answers") : noDaemon());
  }

  private Finding noDaemon() {
    return refusal
        .map(why ->
            failed(
                Step.DAEMON,
                "daemon_unreachable",
                why.split("; ", 2)[0],
                "run this as root or as a member of the socket's group; if that does"
                    + " not help, 'journalctl -u patronus' shows what the daemon does"))
        .orElseGet(() ->
            failed(
                Step.DAEMON,
                "daemon_down",
                "no daemon answers",
                "start it with 'systemctl start patronus'; 'journalctl -u patronus'"
                    + " shows why it stopped"));
  }

  private void heap(StatusAnswer.Heap heap) {
    add(warning(Step.DAEMON, "heap_too_small", heap.trouble(), heap.remedy()));
  }

  /// A daemon that says that it is not ready is not well, even where no step shows why.
  private void notReady(StatusAnswer.Health health) {
    boolean known = findings.stream().anyMatch(each -> each.state() == Finding.State.FAILED);
    if (!health.ready() && !known) {
      add(
          failed(
              Step.DAEMON,
              "daemon_not_ready",
              "the daemon is not ready"
                  + health.notReadyBecause().map(why -> ": " + why).orElse(""),
              "'journalctl -u patronus' shows its messages"));
    }
  }

  private void arriving(StatusAnswer said) {
    machine.conntrackTroubles().forEach(this::add);
    for (SourceAnswer source : said.sources()) {
      if (source.hasFailed()) {
        if (source.source().equals("conntrack:") && !machine.conntrackTroubles().isEmpty()) {
          continue; // said already, with what to do
        }
        add(
            failed(
                Step.ARRIVING,
                "source_failed",
                "source " + source.source() + " fails: " + source.reason().orElse(""),
                "fix the cause; the daemon retries automatically"));
      } else if (source.isFlowExport() && !strangers(source) && source.received() == 0) {
        add(silent(source.source()));
      }
      source
          .kernelDropped()
          .filter(dropped -> dropped > 0)
          .ifPresent(dropped -> kernelDrops(source, dropped));
    }
    long silent = silentMinutes(said);
    if (silent >= SILENT_MINUTES) {
      add(
          warning(
              Step.ARRIVING,
              "nothing_lately",
              "nothing has arrived for " + silent + " min from any exporter",
              "check that the exporters run and that there is traffic; 'patronus status' shows when"
                  + " each was last heard of"));
    }
    if (!anyOf(Step.ARRIVING)) {
      add(
          ok(
              Step.ARRIVING,
              silent == 0
                  ? "traffic data arrives"
                  : "traffic data arrived " + silent + " min ago"));
    }
  }

  /// How long no exporter was heard of; 0 where other sources than flow export are read, or none
  /// was ever heard of.
  private long silentMinutes(StatusAnswer said) {
    if (!said.sources().stream().allMatch(SourceAnswer::isFlowExport)) {
      return 0;
    }
    return said.exporters().stream()
        .flatMap(exporter -> exporter.lastSeen().stream())
        .max(Comparator.naturalOrder())
        .map(last -> Math.max(0, Duration.between(last, now).toMinutes()))
        .orElse(0L);
  }

  /// What came from nobody that is an exporter here; whether anything did.
  private boolean strangers(SourceAnswer source) {
    Map<String, Long> reasons = source.strangers().orElse(Map.of());
    long refused = reasons.getOrDefault("exporter_not_allowed", 0L);
    long unreadable =
        reasons.getOrDefault("unknown_version", 0L)
            + reasons.getOrDefault("too_short", 0L)
            + reasons.getOrDefault("contradicts_length", 0L);
    String at = source.source();
    if (refused > 0) {
      add(
          strangers(
              source,
              "exporter_not_allowed",
              Counted.of(refused, "datagram")
                  + " arrived at "
                  + at
                  + " from addresses not in allow-exporter",
              "add the exporter's address to allow-exporter if it is yours: 'tcpdump -ni any udp"
                  + " port "
                  + port(at)
                  + "' shows it"));
    }
    if (unreadable > 0) {
      add(
          strangers(
              source,
              "no_flow_export",
              Counted.of(unreadable, "datagram")
                  + " arrived at "
                  + at
                  + " that "
                  + (unreadable == 1 ? "is" : "are")
                  + " not "
                  + protocol(at),
              "configure the exporter to send that; sFlow goes to a source sflow://, NetFlow and"
                  + " IPFIX to one netflow://"));
    }
    return refused + unreadable > 0;
  }

  private static String protocol(String source) {
    return source.startsWith("sflow:") ? "sFlow v5" : "NetFlow v5, v9 or IPFIX";
  }

  private static Finding strangers(SourceAnswer source, String fault, String message, String next) {
    return source.received() == 0
        ? failed(Step.ARRIVING, fault, message, next)
        : warning(Step.ARRIVING, fault, message, next);
  }

  private static String port(String source) {
    return source.substring(source.lastIndexOf(':') + 1);
  }

  private Finding silent(String name) {
    if (machine.strayDatagrams() > 0) {
      return failed(
          Step.ARRIVING,
          "wrong_port",
          "nothing has arrived at "
              + name
              + ", but "
              + Counted.of(machine.strayDatagrams(), "datagram")
              + " just arrived at UDP ports on which no program listens",
          "compare the exporter's destination port with this one");
    }
    return failed(
        Step.ARRIVING,
        "nothing_arriving",
        "nothing has arrived at " + name,
        "check that the exporter runs and sends to this address, and that no firewall"
            + " blocks it: 'tcpdump -ni any udp port "
            + port(name)
            + "'");
  }

  private void kernelDrops(SourceAnswer source, long dropped) {
    add(
        warning(
            Step.ARRIVING,
            "kernel_drops",
            "the kernel dropped " + Counted.of(dropped, "datagram") + " for " + source.source(),
            "allow a larger receive buffer: 'sysctl -w net.core.rmem_max="
                + source.receiveBufferAsked().orElse(0L)
                + "', then restart the daemon"));
  }

  private void decoding(StatusAnswer said) {
    said.exporters().forEach(this::exporter);
    if (!anyOf(Step.DECODING)) {
      add(ok(Step.DECODING, decoded(said)));
    }
  }

  /// How much was decoded, where a share was dropped that is too small for a warning.
  private static String decoded(StatusAnswer said) {
    long dropped = said.sources().stream().mapToLong(SourceAnswer::dropped).sum();
    if (dropped == 0 && said.sources().stream().allMatch(source -> source.received() == 0)) {
      return "there was nothing to decode yet";
    }
    return dropped == 0
        ? "all data is decoded"
        : "data is decoded; "
            + Counted.grouped(dropped)
            + " records or datagrams were dropped, 'patronus status' shows why";
  }

  private void exporter(ExporterAnswer exporter) {
    String name = "exporter " + exporter.exporter();
    Drops drops = exporter.drops();
    long templateless = drops.of("no_template") + drops.of("waiting_room_full");
    if (templateless > 0 || isWaiting(exporter)) {
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
      add(
          nothing
              ? failed(Step.DECODING, "templates_missing", message, next)
              : warning(Step.DECODING, "templates_missing", message, next));
    }
    if (exporter.samplerUnknown() > 0) {
      add(
          warning(
              Step.DECODING,
              "sampling_unknown",
              name
                  + " names a sampler whose rate it has not announced; its volumes are"
                  + " counted without scaling",
              "set the rate with ?sampling=N in the source, or configure it to export"
                  + " its sampler options"));
    }
    contradicted(name, exporter);
    dropped(name, exporter);
    if (exporter.payloadBytes().orElse(false)) {
      add(
          warning(
              Step.DECODING,
              "payload_bytes",
              name
                  + " counts payload bytes, without IP and transport headers: its bytes are too low"
                  + " by 20 to 60 for each packet",
              "configure it to export element 1 (octetDeltaCount) if IP bytes are" + " needed"));
    }
    skew(name, exporter.clockSkewSeconds());
    lost(name, exporter.lost());
    silence(name, exporter.lastSeen());
  }

  /// Samples that stand for half or twice of the packets that the agent says it has seen.
  private void contradicted(String name, ExporterAnswer exporter) {
    long samples = exporter.rateContradicted().orElse(0L);
    if (samples > 0 && samples * 100 >= exporter.records()) {
      add(
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
  private void dropped(String name, ExporterAnswer exporter) {
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
              + reasons(exporter.drops(), RECORD_REASONS)
              + exporter.faultyTemplate().map(Diagnosis::faulty).orElse("");
      String next =
          exporter.drops().of("above_max_rate") > 0
              ? "raise '?max-rate=' of the source if its links are that fast; 'patronus status'"
                  + " shows the reasons"
              : "look at a capture of its datagrams with 'tshark -V', and compare templates with data"
                  + " where it sends them; 'patronus status' shows the reasons";
      add(
          records > exporter.records()
              ? failed(Step.DECODING, "records_dropped", message, next)
              : warning(Step.DECODING, "records_dropped", message, next));
    }
    droppedDatagrams(name, exporter);
    long sets = exporter.drops().of("template_mismatch") + exporter.drops().of("malformed_set");
    if (sets * 100 >= exporter.datagrams() && sets > 0) {
      add(
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

  private void droppedDatagrams(String name, ExporterAnswer exporter) {
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
            + reasons(exporter.drops(), DATAGRAM_REASONS);
    String next =
        "look at a capture of its datagrams with 'tshark -V': their version, and whether they are"
            + " meant for this port (netflow: for NetFlow 5, 9 and IPFIX, sflow: for sFlow 5)";
    add(
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
  private static String reasons(Drops drops, Set<String> wanted) {
    return drops.reasons().keySet().stream()
        .filter(wanted::contains)
        .sorted(Comparator.comparingLong((String reason) -> -drops.of(reason)))
        .map(reason -> reason + ": " + drops.of(reason))
        .collect(Collectors.joining(", "));
  }

  /// Whether data waits for its templates, and none has ever come.
  private static boolean isWaiting(ExporterAnswer exporter) {
    boolean waitNow = exporter.waiting().now().orElse(0L) > 0;
    boolean waited = exporter.records() == 0 && exporter.waiting().sets().orElse(0L) > 0;
    return exporter.templates() == 0 && (waitNow || waited);
  }

  private void skew(String name, long seconds) {
    if (Math.abs(seconds) > SKEW_MOST_SECONDS) {
      add(
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

  private void lost(String name, long lost) {
    if (lost > 0) {
      add(
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

  /// @param lastSeen empty for an exporter that only an earlier run of the daemon heard of
  private void silence(String name, Optional<Instant> lastSeen) {
    Instant since = lastSeen.orElseGet(() -> status.orElseThrow().instance().startedAt());
    if (since.plus(SILENCE).isBefore(now)) {
      add(
          warning(
              Step.DECODING,
              "exporter_silent",
              lastSeen.isPresent()
                  ? name + " last sent data at " + since
                  : name + " has sent nothing since the daemon started at " + since,
              "check that it still runs"));
    }
  }

  private void saturated(Traffic traffic) {
    traffic.saturated().orElse(List.of()).forEach(policy -> saturated("policy '" + policy + "'"));
    if (atLimit(traffic.unmatched())) {
      saturated("unmatched traffic");
    }
    if (atLimit(traffic.tunnels())) {
      saturated("tunnel traffic");
    }
  }

  private static boolean atLimit(Volume volume) {
    return volume.packets() == Long.MAX_VALUE || volume.bytes() == Long.MAX_VALUE;
  }

  private void saturated(String what) {
    add(
        failed(
            Step.MATCHING,
            "counter_saturated",
            "a counter of "
                + what
                + " has reached its limit of 9223372036854775807: what comes is not counted",
            "reset it with 'patronus stats reset', and look for the exporter whose records made"
                + " it so large ('patronus status'; '?max-rate=' of the source)"));
  }

  private void matching(StatusAnswer said) {
    Traffic traffic = said.traffic();
    saturated(traffic);
    long counted = counter(said, "records_counted");
    if (traffic.policies() == 0) {
      add(
          warning(
              Step.MATCHING,
              "no_policies",
              "there is no usable policy",
              "create one on the dashboard; all traffic is counted as unmatched"));
    } else if (counted > 0 && traffic.unmatched().packets() == traffic.packets()) {
      add(
          warning(
              Step.MATCHING,
              "all_unmatched",
              "traffic is counted, but no policy matches any of it",
              "'patronus policy explain SRC DST' shows why for one flow"));
    } else if (!anyOf(Step.MATCHING)) {
      add(
          ok(
              Step.MATCHING,
              Counted.of(traffic.policies(), "policy is", "policies are") + " loaded"));
    }
  }

  private static long counter(StatusAnswer said, String name) {
    return said.counters().stream()
        .filter(each -> each.name().equals(name))
        .mapToLong(Counter::value)
        .sum();
  }

  private void saving(Snapshots snapshots) {
    add(
        snapshots
            .trouble()
            .map(trouble ->
                failed(
                    Step.SAVING,
                    fault(trouble),
                    "snapshots cannot be saved: " + trouble,
                    "the daemon keeps counting and nothing is lost; fix the cause, and"
                        + " the next snapshot includes everything"))
            .orElseGet(() ->
                ok(
                    Step.SAVING,
                    snapshots.last().isPresent()
                        ? "snapshots are saved"
                        : "the first snapshot is not due yet")));
  }

  /// What the daemon says of the newest snapshot, where this walk has not found its rows itself.
  private void future(Instant snapshot) {
    boolean known = findings.stream().anyMatch(each -> each.fault().equals("future_rows"));
    if (!known) {
      add(
          warning(
              Step.SAVING,
              "future_snapshot",
              "the newest snapshot in the database is of "
                  + snapshot
                  + ", after the daemon's clock",
              "see that this clock is right ('timedatectl'), then 'patronus db prune --future'"
                  + " removes it"));
    }
  }

  private static String fault(String trouble) {
    if (trouble.contains("locked")) {
      return "database_locked";
    }
    return trouble.contains("full") ? "disk_full" : "not_saved";
  }
}
