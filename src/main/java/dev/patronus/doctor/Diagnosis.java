package dev.patronus.doctor;

import static dev.patronus.doctor.Finding.failed;
import static dev.patronus.doctor.Finding.ok;
import static dev.patronus.doctor.Finding.warning;

import dev.patronus.control.answer.ExporterAnswer;
import dev.patronus.control.answer.SourceAnswer;
import dev.patronus.control.answer.StatusAnswer;
import dev.patronus.control.answer.StatusAnswer.Counter;
import dev.patronus.control.answer.StatusAnswer.Snapshots;
import dev.patronus.control.answer.StatusAnswer.Traffic;
import dev.patronus.control.answer.StatusAnswer.Volume;
import dev.patronus.doctor.Finding.Step;
import dev.patronus.error.Counted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Draws conclusions from the facts, step by step.
///
/// Pure; made for one walk.
public final class Diagnosis {
  private static final long DISK_LEAST_BYTES = 16L << 20;
  private static final long DAYS_LEAST = 90;
  private static final String RETENTION = "raw:30d 5m:62d 1h:397d 1d:forever";

  /// Exporters report flows that last at least every half an hour, most every minute.
  private static final long SILENT_MINUTES = 30;

  /// What the option takes.
  private static final long RECEIVERS_MOST = 16;

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
      } else if (source.isFlowExport()
          && !strangers(source)
          && said.receivedAt(source.address()) == 0
          && isFirst(source, said)) {
        add(silent(source.address()));
      }
    }
    said.sources().stream()
        .filter(source -> isFirst(source, said))
        .forEach(source -> kernelDrops(source, said));
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
    String at = source.address();
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

  /// Whether a source is the first receiver of its address.
  private static boolean isFirst(SourceAnswer source, StatusAnswer said) {
    return said.receivers(source.address()).findFirst().filter(source::equals).isPresent();
  }

  private void kernelDrops(SourceAnswer first, StatusAnswer said) {
    String at = first.address();
    long dropped = said.receivers(at).mapToLong(each -> each.kernelDropped().orElse(0L)).sum();
    if (dropped > 0) {
      add(
          warning(
              Step.ARRIVING,
              "kernel_drops",
              "the kernel dropped " + Counted.of(dropped, "datagram") + " for " + at,
              largerBuffer(first) + moreReceivers(at, said)));
    }
  }

  private static String largerBuffer(SourceAnswer source) {
    long asked = source.receiveBufferAsked().orElse(0L);
    boolean isGranted = source.receiveBufferGranted().orElse(0L) >= asked;
    return isGranted
        ? "give the source a larger receive-buffer= than " + asked
        : "allow a larger receive buffer: 'sysctl -w net.core.rmem_max="
            + asked
            + "', then restart the daemon";
  }

  /// More threads help only where the kernel has more than one exporter to distribute, and where
  /// they run at the same time.
  private String moreReceivers(String at, StatusAnswer said) {
    long exporters =
        said.exporters().stream()
            .filter(each -> SourceAnswer.address(each.source()).equals(at))
            .filter(each -> each.lastSeen().isPresent())
            .map(ExporterAnswer::exporter)
            .distinct()
            .count();
    long useful = Math.min(RECEIVERS_MOST, Math.min(machine.processors(), exporters));
    return useful > said.receivers(at).count()
        ? "; or receive with more threads: add receivers="
            + useful
            + " to the source's options and send the daemon a HUP"
        : "";
  }

  private void decoding(StatusAnswer said) {
    Instant startedAt = said.instance().startedAt();
    said.exporters().stream()
        .flatMap(each -> ExporterDiagnosis.of(each, lastSeen(each, said), startedAt, now).stream())
        .distinct()
        .forEach(this::add);
    if (!anyOf(Step.DECODING)) {
      add(ok(Step.DECODING, decoded(said)));
    }
  }

  /// When an exporter was last heard of by any receiver of the address.
  private static Optional<Instant> lastSeen(ExporterAnswer exporter, StatusAnswer said) {
    String at = SourceAnswer.address(exporter.source());
    return said.exporters().stream()
        .filter(each -> each.exporter().equals(exporter.exporter()))
        .filter(each -> SourceAnswer.address(each.source()).equals(at))
        .flatMap(each -> each.lastSeen().stream())
        .max(Comparator.naturalOrder());
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
