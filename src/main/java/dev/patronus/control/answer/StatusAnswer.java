package dev.patronus.control.answer;

import dev.patronus.json.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The daemon's status.
///
/// Immutable. What older daemons do not say is empty.
///
/// @param metricsListen the address and port of the metrics page; empty if there is none
/// @param hub where the history is sent to; empty for nowhere
/// @param payloadBytes whether an exporter counts payload in place of IP bytes
/// @param conntrack what the kernel's accounting lacks; empty where no source needs it
public record StatusAnswer(
    Instance instance,
    Health health,
    Snapshots snapshots,
    Optional<String> metricsListen,
    Traffic traffic,
    Optional<Hub> hub,
    List<SourceAnswer> sources,
    List<ExporterAnswer> exporters,
    Optional<Boolean> payloadBytes,
    Optional<List<KernelProblem>> conntrack,
    List<Counter> counters) {

  /// The receivers of an address, the first one first.
  public Stream<SourceAnswer> receivers(String address) {
    return sources.stream().filter(each -> each.address().equals(address));
  }

  /// How many datagrams all receivers of an address have received.
  public long receivedAt(String address) {
    return receivers(address).mapToLong(SourceAnswer::received).sum();
  }

  /// Which daemon answers, and when.
  ///
  /// @param database its database file
  public record Instance(
      Instant asOf, long pid, String version, Instant startedAt, String database) {
    private void put(Json.Builder json) {
      json.put("as_of", asOf.toString())
          .put("pid", pid)
          .put("version", version)
          .put("started_at", startedAt.toString())
          .put("database", database);
    }

    private static Instance read(Json.Obj json) {
      return new Instance(
          json.time("as_of"),
          json.integer("pid"),
          json.text("version"),
          json.time("started_at"),
          json.text("database"));
    }
  }

  /// Whether the daemon works.
  ///
  /// @param live whether all threads work
  /// @param ready whether it collects from all sources and saves snapshots
  /// @param notReadyBecause why it is not ready
  /// @param heap empty if its heap is large enough
  public record Health(
      boolean live, boolean ready, Optional<String> notReadyBecause, Optional<Heap> heap) {
    private void put(Json.Builder json) {
      json.put("live", live).put("ready", ready).putIfPresent("not_ready_because", notReadyBecause);
      heap.ifPresent(
          each -> json.put("heap_trouble", each.trouble()).put("heap_remedy", each.remedy()));
    }

    private static Health read(Json.Obj json) {
      return new Health(
          json.bool("live"),
          json.bool("ready"),
          json.findText("not_ready_because"),
          json.findText("heap_trouble")
              .map(trouble -> new Heap(trouble, json.text("heap_remedy"))));
    }
  }

  /// What is wrong with the size of the heap, and its remedy.
  public record Heap(String trouble, String remedy) {}

  /// The saving of snapshots.
  ///
  /// @param last when the last one was saved
  /// @param trouble why none can be saved
  /// @param future the time of the newest row, if a wrong clock stamped it in the future
  public record Snapshots(
      Optional<Instant> last, Optional<String> trouble, Optional<Instant> future) {
    private void put(Json.Builder json) {
      json.putOrNull("last_snapshot", last)
          .putOrNull("snapshot_trouble", trouble)
          .putOrNull("future_snapshot", future);
    }

    private static Snapshots read(Json.Obj json) {
      return new Snapshots(
          json.findTime("last_snapshot"),
          json.findText("snapshot_trouble"),
          json.findTime("future_snapshot"));
    }
  }

  /// What was counted.
  ///
  /// @param policies the number of policies
  /// @param packets of all policies, and those that none matched
  /// @param estimated whether any of it was scaled up from samples
  /// @param saturated the names of policies with a counter that has reached its limit
  public record Traffic(
      long policies,
      long packets,
      long activeFlows,
      boolean estimated,
      Volume unmatched,
      Volume tunnels,
      Optional<List<String>> saturated) {
    private void put(Json.Builder json) {
      json.put("policies", policies)
          .put("packets", packets)
          .put("active_flows", activeFlows)
          .put("estimated", estimated)
          .put("unmatched", unmatched.json())
          .put("tunnels", tunnels.json());
      saturated.ifPresent(names -> json.putTexts("saturated", names));
    }

    private static Traffic read(Json.Obj json) {
      return new Traffic(
          json.integer("policies"),
          json.integer("packets"),
          json.integer("active_flows"),
          json.bool("estimated"),
          Volume.read(json.object("unmatched")),
          Volume.read(json.object("tunnels")),
          json.find("saturated").map(_ -> json.texts("saturated")));
    }
  }

  /// Packets with their bytes.
  public record Volume(long packets, long bytes) {
    private Json.Obj json() {
      return Json.object().put("packets", packets).put("bytes", bytes).build();
    }

    private static Volume read(Json.Obj json) {
      return new Volume(json.integer("packets"), json.integer("bytes"));
    }
  }

  /// The sending to the hub of a fleet.
  ///
  /// @param reached whether all was sent that there was at the last attempt
  /// @param rowsWaiting how many rows waited after the last attempt
  /// @param lastSent when all had been sent that there was
  /// @param waitingSince the time of the oldest row that waits
  /// @param error why the last attempt failed
  public record Hub(
      String address,
      String gateway,
      boolean reached,
      long epoch,
      long rowsWaiting,
      Optional<Instant> lastSent,
      Optional<Instant> waitingSince,
      Optional<String> error) {
    private Json.Obj json() {
      return Json.object()
          .put("address", address)
          .put("gateway", gateway)
          .put("reached", reached)
          .put("epoch", epoch)
          .put("rows_waiting", rowsWaiting)
          .putOrNull("last_sent", lastSent)
          .putOrNull("waiting_since", waitingSince)
          .putOrNull("error", error)
          .build();
    }

    private static Hub read(Json.Obj json) {
      return new Hub(
          json.text("address"),
          json.text("gateway"),
          json.bool("reached"),
          json.integer("epoch"),
          json.integer("rows_waiting"),
          json.findTime("last_sent"),
          json.findTime("waiting_since"),
          json.findText("error"));
    }
  }

  /// A setting that the kernel's accounting of connections lacks.
  ///
  /// @param next what to do about it
  public record KernelProblem(String fault, String message, String next) {
    private Json.Obj json() {
      return Json.object().put("fault", fault).put("message", message).put("next", next).build();
    }

    private static KernelProblem read(Json.Obj json) {
      return new KernelProblem(json.text("fault"), json.text("message"), json.text("next"));
    }
  }

  /// A counter of the daemon's metrics.
  public record Counter(String name, Map<String, String> labels, long value) {
    private Json.Obj json() {
      Json.Builder json = Json.object().put("name", name);
      labels.forEach(json::put);
      return json.put("value", value).build();
    }

    private static Counter read(Json.Obj json) {
      Map<String, String> labels = new LinkedHashMap<>();
      json.members()
          .forEach((label, value) -> {
            if (value instanceof Json.Text(String text) && !label.equals("name")) {
              labels.put(label, text);
            }
          });
      return new Counter(json.text("name"), labels, json.integer("value"));
    }
  }

  public Json.Obj json() {
    Json.Builder json = head();
    json.putObjects("sources", sources, SourceAnswer::json)
        .putObjects("exporters", exporters, ExporterAnswer::json);
    return tail(json).build();
  }

  /// All but sources and exporters.
  public Json.Obj summary() {
    return tail(head()).build();
  }

  private Json.Builder head() {
    Json.Builder json = Json.object();
    instance.put(json);
    health.put(json);
    snapshots.put(json);
    json.putOrNull("metrics_listen", metricsListen);
    traffic.put(json);
    return json.putOrNull("hub", hub.map(Hub::json));
  }

  private Json.Builder tail(Json.Builder json) {
    json.putIfPresent("payload_bytes", payloadBytes);
    conntrack.ifPresent(problems -> json.putObjects("conntrack", problems, KernelProblem::json));
    return json.putObjects("counters", counters, Counter::json);
  }

  /// Reads what [#json()] wrote.
  ///
  /// @throws IllegalArgumentException if it is another document
  public static StatusAnswer read(Json.Obj json) {
    return new StatusAnswer(
        Instance.read(json),
        Health.read(json),
        Snapshots.read(json),
        json.findText("metrics_listen"),
        Traffic.read(json),
        json.findObject("hub").map(Hub::read),
        json.objects("sources", SourceAnswer::read),
        json.objects("exporters", ExporterAnswer::read),
        json.findBool("payload_bytes"),
        json.find("conntrack").map(_ -> json.objects("conntrack", KernelProblem::read)),
        json.objects("counters", Counter::read));
  }
}
