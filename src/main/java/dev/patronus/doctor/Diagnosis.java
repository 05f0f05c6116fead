package dev.patronus.doctor;

import static dev.patronus.doctor.Finding.failed;
import static dev.patronus.doctor.Finding.ok;
import static dev.patronus.doctor.Finding.warning;

import dev.patronus.doctor.Finding.Step;
import dev.patronus.error.Counted;
import dev.patronus.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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

  private static final Set<String> DATAGRAM_REASONS =
      Set.of("too_short", "unknown_version", "contradicts_length", "defect");

  private static final Set<String> RECORD_REASONS =
      Set.of(
          "truncated",
          "no_addresses",
          "no_volume",
          "implausible_volume",
          "above_max_rate",
          "counter_overflow");
  private static final Duration SILENCE =
      Duration.ofMinutes(35); // beyond NetFlow's default of 30 min

  private final MachineFacts machine;
  private final Optional<Json.Obj> status;
  private final Optional<String> refusal;
  private final Instant now;
  private final List<Finding> findings = new ArrayList<>();

  private Diagnosis(
      MachineFacts machine, Optional<Json.Obj> status, Optional<String> refusal, Instant now) {
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
      MachineFacts machine, Optional<Json.Obj> status, Optional<String> refusal, Instant now) {
    Diagnosis walk = new Diagnosis(machine, status, refusal, now);
    walk.database();
    walk.policies();
    walk.daemon();
    status.ifPresent(walk::withDaemon);
    return List.copyOf(walk.findings);
  }

  private void withDaemon(Json.Obj said) {
    heap(said);
    arriving(said);
    decoding(said);
    matching(said);
    saving(said);
    future(said);
    notReady(said);
    hub(said);
  }

  private void hub(Json.Obj said) {
    if (!(said.find("hub").orElse(Json.Null.NULL) instanceof Json.Obj hub)) {
      return;
    }
    if (hub.find("error").orElse(Json.Null.NULL) instanceof Json.Text(String error)) {
      add(
          warning(
              Step.HUB,
              "hub_not_reached",
              error,
              "nothing is lost, it is sent later; look at the address in the setting fleet, at"
                  + " the network, and at 'patronus fleet status' on the hub"));
    } else if (hub.bool("reached")) {
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
      add(ok(Step.DATABASE, "the database can be opened for reading and writing"));
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
    Optional<Json.Obj> stalled = status.filter(said -> !said.bool("live"));
    if (stalled.isPresent()) {
      add(
          failed(
              Step.DAEMON,
              "daemon_stalled",
              "the daemon responds but does not work: " + stalled.get().text("not_ready_because"),
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

  private void heap(Json.Obj said) {
    if (said.find("heap_trouble").isPresent()) {
      add(
          warning(
              Step.DAEMON, "heap_too_small", said.text("heap_trouble"), said.text("heap_remedy")));
    }
  }

  /// A daemon that says that it is not ready is not well, even where no step shows why.
  private void notReady(Json.Obj said) {
    boolean known = findings.stream().anyMatch(each -> each.state() == Finding.State.FAILED);
    if (!said.bool("ready") && !known) {
      add(
          failed(
              Step.DAEMON,
              "daemon_not_ready",
              "the daemon is not ready"
                  + said.find("not_ready_because")
                      .map(_ -> ": " + said.text("not_ready_because"))
                      .orElse(""),
              "'journalctl -u patronus' shows its messages"));
    }
  }

  private void arriving(Json.Obj said) {
    machine.conntrackTroubles().forEach(this::add);
    for (Json each : said.list("sources")) {
      Json.Obj source = (Json.Obj) each;
      String name = source.text("source");
      if (source.text("state").equals("failed")) {
        if (name.equals("conntrack:") && !machine.conntrackTroubles().isEmpty()) {
          continue; // said already, with what to do
        }
        add(
            failed(
                Step.ARRIVING,
                "source_failed",
                "source " + name + " fails: " + source.text("reason"),
                "fix the cause; the daemon retries automatically"));
      } else if (name.contains("flow://") && !strangers(source) && received(source) == 0) {
        add(silent(name));
      }
      source.find("kernel_dropped").ifPresent(_ -> kernelDrops(source));
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
  private long silentMinutes(Json.Obj said) {
    boolean others =
        said.list("sources").stream()
            .anyMatch(each -> !((Json.Obj) each).text("source").contains("flow://"));
    if (others || said.find("exporters").isEmpty()) {
      return 0;
    }
    return said.list("exporters").stream()
        .map(Json.Obj.class::cast)
        .filter(exporter -> exporter.find("last_seen").isPresent())
        .map(exporter -> Instant.parse(exporter.text("last_seen")))
        .max(Comparator.naturalOrder())
        .map(last -> Math.max(0, Duration.between(last, now).toMinutes()))
        .orElse(0L);
  }

  private static long received(Json.Obj source) {
    return source.integer("received");
  }

  /// What came from nobody that is an exporter here; whether anything did.
  private boolean strangers(Json.Obj source) {
    if (source.find("strangers").isEmpty()) {
      return false;
    }
    Json.Obj reasons = source.object("strangers");
    long refused = count(reasons, "exporter_not_allowed");
    long unreadable =
        count(reasons, "unknown_version")
            + count(reasons, "too_short")
            + count(reasons, "contradicts_length");
    String at = source.text("source");
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

  private static Finding strangers(Json.Obj source, String fault, String message, String next) {
    return received(source) == 0
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

  private void kernelDrops(Json.Obj source) {
    long dropped = source.integer("kernel_dropped");
    if (dropped > 0) {
      add(
          warning(
              Step.ARRIVING,
              "kernel_drops",
              "the kernel dropped "
                  + Counted.of(dropped, "datagram")
                  + " for "
                  + source.text("source"),
              "allow a larger receive buffer: 'sysctl -w net.core.rmem_max="
                  + source.integer("receive_buffer_asked")
                  + "', then restart the daemon"));
    }
  }

  private void decoding(Json.Obj said) {
    for (Json each :
        said.find("exporters").isPresent() ? said.list("exporters") : List.<Json>of()) {
      exporter((Json.Obj) each);
    }
    if (!anyOf(Step.DECODING)) {
      add(ok(Step.DECODING, decoded(said)));
    }
  }

  /// How much was decoded, where a share was dropped that is too small for a warning.
  private static String decoded(Json.Obj said) {
    long dropped = 0;
    for (Json each : said.find("sources").isPresent() ? said.list("sources") : List.<Json>of()) {
      dropped += count((Json.Obj) each, "dropped");
    }
    return dropped == 0
        ? "all data is decoded"
        : "data is decoded; "
            + Counted.grouped(dropped)
            + " records or datagrams were dropped, 'patronus status' shows why";
  }

  private void exporter(Json.Obj exporter) {
    String name = "exporter " + exporter.text("exporter");
    Json.Obj drops = exporter.object("drops");
    long templateless = count(drops, "no_template") + count(drops, "waiting_room_full");
    if (templateless > 0 || isWaiting(exporter)) {
      boolean nothing = exporter.integer("records") == 0;
      String next =
          "restart the exporter, or configure it to send its templates every minute:"
              + " flow data cannot be decoded without them";
      String message =
          name
              + " sent "
              + (templateless > 0 ? templateless + " data sets" : "data")
              + " whose templates are not known"
              + templates(exporter, "unknown_templates");
      add(
          nothing
              ? failed(Step.DECODING, "templates_missing", message, next)
              : warning(Step.DECODING, "templates_missing", message, next));
    }
    if (exporter.integer("sampler_unknown") > 0) {
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
    if (exporter.find("payload_bytes").isPresent() && exporter.bool("payload_bytes")) {
      add(
          warning(
              Step.DECODING,
              "payload_bytes",
              name
                  + " counts payload bytes, without IP and transport headers: its bytes are too low"
                  + " by 20 to 60 for each packet",
              "configure it to export element 1 (octetDeltaCount) if IP bytes are" + " needed"));
    }
    skew(name, exporter.integer("clock_skew_seconds"));
    lost(name, exporter);
    silence(name, exporter.find("last_seen").map(_ -> Instant.parse(exporter.text("last_seen"))));
  }

  /// Samples that stand for half or twice of the packets that the agent says it has seen.
  private void contradicted(String name, Json.Obj exporter) {
    long samples = count(exporter, "rate_contradicted");
    if (samples > 0 && samples * 100 >= exporter.integer("records")) {
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
                  + exporter.text("exporter")
                  + " RATE' in /etc/patronus/patronus.conf overrides it"));
    }
  }

  /// A hundredth of what an exporter sends, or more, is a noticeable share.
  private void dropped(String name, Json.Obj exporter) {
    long records = count(exporter, "records_dropped");
    long all = exporter.integer("records") + records;
    if (records > 0 && records * 100 >= all) {
      String message =
          records
              + " of "
              + all
              + " records of "
              + name
              + " were dropped: "
              + reasons(exporter, RECORD_REASONS)
              + faultyTemplate(exporter);
      String next =
          count(exporter.object("drops"), "above_max_rate") > 0
              ? "raise '?max-rate=' of the source if its links are that fast; 'patronus status'"
                  + " shows the reasons"
              : "look at a capture of its datagrams with 'tshark -V', and compare templates with data"
                  + " where it sends them; 'patronus status' shows the reasons";
      add(
          records > exporter.integer("records")
              ? failed(Step.DECODING, "records_dropped", message, next)
              : warning(Step.DECODING, "records_dropped", message, next));
    }
    droppedDatagrams(name, exporter);
    Json.Obj drops = exporter.object("drops");
    long sets = count(drops, "template_mismatch") + count(drops, "malformed_set");
    if (sets * 100 >= exporter.integer("datagrams") && sets > 0) {
      add(
          warning(
              Step.DECODING,
              "sets_dropped",
              name
                  + " sent "
                  + sets
                  + " sets that do not fit their templates or are malformed"
                  + templates(exporter, "mismatched_templates"),
              "restart the exporter, so that it sends the templates that it uses"));
    }
  }

  private void droppedDatagrams(String name, Json.Obj exporter) {
    long dropped = count(exporter, "datagrams_dropped");
    long understood = exporter.integer("datagrams");
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
            + reasons(exporter, DATAGRAM_REASONS);
    String next =
        "look at a capture of its datagrams with 'tshark -V': their version, and whether they are"
            + " meant for this port (netflow: for NetFlow 5, 9 and IPFIX, sflow: for sFlow 5)";
    add(
        dropped > understood
            ? failed(Step.DECODING, "datagrams_dropped", message, next)
            : warning(Step.DECODING, "datagrams_dropped", message, next));
  }

  /// The template of which most records were dropped, and the elements that decided about that.
  private static String faultyTemplate(Json.Obj exporter) {
    if (!(exporter.find("faulty_template").orElse(Json.Null.NULL) instanceof Json.Obj fault)) {
      return "";
    }
    return "; most of them in template "
        + fault.integer("template")
        + " (domain "
        + fault.integer("domain")
        + "), "
        + cause(fault.text("reason"), texts(fault.list("elements")));
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

  private static List<String> texts(List<Json> list) {
    return list.stream().map(each -> ((Json.Text) each).value()).toList();
  }

  /// The ids of templates that an exporter has trouble with, the latest ones.
  private static String templates(Json.Obj exporter, String name) {
    List<Json> ids = exporter.find(name).isPresent() ? exporter.list(name) : List.of();
    if (ids.isEmpty()) {
      return "";
    }
    return (ids.size() == 1 ? " (template " : " (templates ")
        + ids.stream().map(Json::toString).collect(Collectors.joining(", "))
        + ")";
  }

  /// The reasons for which records were dropped, the most frequent first.
  private static String reasons(Json.Obj exporter, Set<String> wanted) {
    Json.Obj drops = exporter.object("drops");
    return drops.members().keySet().stream()
        .filter(wanted::contains)
        .sorted(Comparator.comparingLong((String reason) -> -drops.integer(reason)))
        .map(reason -> reason + " " + drops.integer(reason))
        .collect(Collectors.joining(", "));
  }

  /// Whether data came, and nothing could be made of any of it yet.
  private static boolean isWaiting(Json.Obj exporter) {
    return exporter.integer("records") == 0
        && exporter.integer("templates") == 0
        && count(exporter, "waiting") > 0;
  }

  private static long count(Json.Obj drops, String reason) {
    return drops.find(reason).isPresent() ? drops.integer(reason) : 0;
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

  private void lost(String name, Json.Obj exporter) {
    long lost = exporter.integer("lost");
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
    Instant since =
        lastSeen.orElseGet(() -> Instant.parse(status.orElseThrow().text("started_at")));
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

  private void saturated(Json.Obj said) {
    for (Json name :
        said.find("saturated").isPresent() ? said.list("saturated") : List.<Json>of()) {
      saturated("policy '" + ((Json.Text) name).value() + "'");
    }
    for (String traffic : List.of("unmatched", "tunnels")) {
      if (said.find(traffic).isPresent() && atLimit(said.object(traffic))) {
        saturated(traffic.equals("tunnels") ? "tunnel traffic" : "unmatched traffic");
      }
    }
  }

  private static boolean atLimit(Json.Obj volume) {
    return volume.integer("packets") == Long.MAX_VALUE || volume.integer("bytes") == Long.MAX_VALUE;
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

  private void matching(Json.Obj said) {
    saturated(said);
    long counted = counter(said, "records_counted");
    if (said.integer("policies") == 0) {
      add(
          warning(
              Step.MATCHING,
              "no_policies",
              "there is no usable policy",
              "create one on the dashboard; all traffic is counted as unmatched"));
    } else if (counted > 0 && said.object("unmatched").integer("packets") == packets(said)) {
      add(
          warning(
              Step.MATCHING,
              "all_unmatched",
              "traffic is counted, but no policy matches any of it",
              "'patronus policy explain SRC DST' shows why for one flow"));
    } else if (!anyOf(Step.MATCHING)) {
      add(ok(Step.MATCHING, said.integer("policies") + " policies are active"));
    }
  }

  private static long packets(Json.Obj said) {
    return said.find("packets").isPresent() ? said.integer("packets") : -1;
  }

  private static long counter(Json.Obj said, String name) {
    return said.list("counters").stream()
        .map(Json.Obj.class::cast)
        .filter(each -> each.text("name").equals(name))
        .mapToLong(each -> each.integer("value"))
        .sum();
  }

  private void saving(Json.Obj said) {
    Optional<Json> trouble = said.find("snapshot_trouble");
    add(
        trouble.isPresent()
            ? failed(
                Step.SAVING,
                fault(said.text("snapshot_trouble")),
                "snapshots cannot be saved: " + said.text("snapshot_trouble"),
                "the daemon keeps counting and nothing is lost; fix the cause, and"
                    + " the next snapshot includes everything")
            : ok(Step.SAVING, "snapshots are saved"));
  }

  /// What the daemon says of the newest snapshot, where this walk has not found its rows itself.
  private void future(Json.Obj said) {
    boolean known = findings.stream().anyMatch(each -> each.fault().equals("future_rows"));
    if (!known && said.find("future_snapshot").isPresent()) {
      add(
          warning(
              Step.SAVING,
              "future_snapshot",
              "the newest snapshot in the database is of "
                  + said.text("future_snapshot")
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
