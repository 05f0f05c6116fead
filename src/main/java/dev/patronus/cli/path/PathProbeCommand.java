package dev.patronus.cli.path;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.watch.WatchSignals;
import dev.patronus.error.ErrorText;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.IpAddress;
import dev.patronus.libc.CallFailed;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.probe.IcmpProbe;
import dev.patronus.probe.ProbePlan;
import dev.patronus.probe.ProbeResult;
import dev.patronus.probe.ProbeSocket;
import dev.patronus.probe.Prober;
import dev.patronus.probe.UdpProbe;
import dev.patronus.role.Role;
import dev.patronus.route.QualityScore;
import dev.patronus.site.EndpointAddress;
import dev.patronus.site.Path;
import dev.patronus.site.PathMeasurement;
import dev.patronus.store.table.PathTable;
import dev.patronus.time.DurationText;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// `patronus path probe`: measures latency, jitter and loss to the endpoint of a path.
public final class PathProbeCommand extends Command {
  private static final int COUNT = 10;
  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /// How long a series may take until that is said.
  private static final Duration LONG = Duration.ofSeconds(5);

  /// What the platform stores of a path whose MTU nobody measured.
  private static final long MTU = 1500;

  /// What was measured, of what, and how.
  ///
  /// @param source the address that requests left from; empty if there is no route
  private record Probe(
      Path path,
      EndpointAddress target,
      OptionalInt udpPort,
      Optional<IpAddress> source,
      ProbeResult result) {

    String method() {
      return udpPort.isPresent() ? "udp" : "icmp";
    }

    Optional<Integer> score() {
      OptionalDouble latency = result.meanMillis();
      return latency.isEmpty()
          ? Optional.empty()
          : Optional.of(
              QualityScore.of(
                  latency.getAsDouble(),
                  result.jitterMillis().getAsDouble(),
                  result.lossPercent().getAsDouble()));
    }
  }

  private static final Column<Probe> PORT =
      Column.of("port", Kind.ID, probe -> boxed(probe.udpPort()));

  private static final Column<Probe> ERROR =
      Column.of("error", Kind.TEXT, probe -> probe.result().error());

  private static final List<Column<Probe>> FACTS =
      List.of(
          Column.of("path_id", Kind.ID, probe -> Long.toString(probe.path().id())),
          Column.of("target", Kind.ID, probe -> probe.target().ip().toString()),
          PORT,
          Column.of("source", Kind.ID, probe -> probe.source().map(IpAddress::toString)),
          Column.of("method", Kind.ID, Probe::method),
          Column.of("sent", Kind.COUNT, probe -> probe.result().sent()),
          Column.of("received", Kind.COUNT, probe -> probe.result().received()),
          Column.of("packet_loss_pct", "LOSS", Kind.PERCENT, probe -> probe.result().lossPercent()),
          Column.of(
              "latency_ms_lowest",
              "LATENCY LOWEST",
              Kind.MILLIS,
              probe -> probe.result().lowestMillis()),
          Column.of("latency_ms", "LATENCY", Kind.MILLIS, probe -> probe.result().meanMillis()),
          Column.of(
              "latency_ms_95th",
              "LATENCY 95TH",
              Kind.MILLIS,
              probe -> probe.result().percentile95Millis()),
          Column.of(
              "latency_ms_highest",
              "LATENCY HIGHEST",
              Kind.MILLIS,
              probe -> probe.result().highestMillis()),
          Column.of("jitter_ms", "JITTER", Kind.MILLIS, probe -> probe.result().jitterMillis()),
          Column.of("score", Kind.NUMBER, Probe::score),
          ERROR);

  private final Option<Long> id =
      argument("ID", "1", text -> EnumNames.wholeNumber(text, 0), Completes.PATH, "the path's id");
  private final Option<Long> count =
      option(
          "-c --count",
          "N",
          text -> EnumNames.wholeNumber(text, 1),
          "number of requests (default: " + COUNT + ")");
  private final Option<Duration> interval =
      option(
          "-i --interval",
          "INTERVAL",
          PathProbeCommand::seconds,
          "time between two requests, as in 200ms or 0.2 (default: 200ms)");
  private final Option<Duration> timeout =
      option(
          "-W --timeout",
          "TIMEOUT",
          PathProbeCommand::seconds,
          Completes.DURATION,
          "time after which a request is lost, as in 2s or 2 (default: 2s)");
  private final Option<Integer> udp =
      optionWithDefault(
          "--udp",
          "PORT",
          Integer.toString(UdpProbe.PORT),
          PathProbeCommand::port,
          "send UDP to a service that echoes, not ICMP (default port: " + UdpProbe.PORT + ")");
  private final Option<Boolean> save =
      flag("--save", "save the result as a measurement of the path");

  private ProbePlan plan = new ProbePlan(COUNT, INTERVAL, TIMEOUT);

  public PathProbeCommand() {
    super(
        "Measures the round trip from this machine to the destination endpoint of a path, by ICMP"
            + " echo as ping(8) does, or by UDP to an echo service there. It is the way to the"
            + " endpoint's public address that is measured, not the tunnel. Requests leave from"
            + " the path's source address if this machine has it, else from the one that the"
            + " routing table gives (SOURCE).",
        "LATENCY is the mean round trip, of which LOWEST, 95TH (nearest rank) and HIGHEST are"
            + " shown too; JITTER is the standard deviation of the round trips, which is what the"
            + " platform stores and what ping calls mdev, not the interarrival jitter of RFC 3550."
            + " SCORE, 0 to 100, is the platform's: 40 % for latency (full below 50 ms, none from"
            + " 200 ms), 30 % for jitter (5 ms, 50 ms), 30 % for loss (0.1 %, 10 %). Without a"
            + " reply there is none.",
        "ICMP needs no privilege where net.ipv4.ping_group_range has the user's group, as on"
            + " systems with systemd, else CAP_NET_RAW. Routers and hosts may limit or drop ICMP,"
            + " which looks like loss. UDP needs a service that sends each datagram back, as inetd"
            + " and 'socat UDP4-LISTEN:51822,fork PIPE' do.",
        "With --save, a row of sdwan_path_metrics is written as the platform's own monitor writes"
            + " it, with the bandwidth and MTU of the path's newest measurement, which are not"
            + " measured here (without one: 0 and 1500). It counts for path selection. The path's"
            + " status stays. The action is recorded in the audit trail. Without a reply, or if"
            + " interrupted, nothing is saved.",
        "Ctrl-C ends the series and shows what was measured. Exit code 1 if nothing came back, 3"
            + " if the endpoint is no address, 5 if ICMP is not permitted.");
    example("path probe 1", "ten echo requests in two seconds");
    example("path probe 1 -c 50 -i 100ms -W 1s --json", "fifty in five seconds, as JSON");
    example("path probe 1 --save", "save the result for path selection and history");
  }

  /// A duration, or a number of seconds as ping(8) takes it.
  private static Duration seconds(String text) {
    if (text.matches("[0-9]{1,4}|[0-9]{0,4}\\.[0-9]{1,9}")) {
      return Duration.ofNanos(new BigDecimal(text).movePointRight(9).longValueExact());
    }
    return DurationText.parse(text);
  }

  private static int port(String text) {
    long port = EnumNames.wholeNumber(text, 1);
    if (port > 65_535) {
      throw new IllegalArgumentException("port must be 1..65535, was " + port);
    }
    return (int) port;
  }

  private static Optional<Integer> boxed(OptionalInt number) {
    return number.isPresent() ? Optional.of(number.getAsInt()) : Optional.empty();
  }

  @Override
  protected void check() {
    try {
      plan =
          new ProbePlan(
              (int) Math.min(count.or((long) COUNT), Integer.MAX_VALUE),
              interval.or(INTERVAL),
              timeout.or(TIMEOUT));
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, ErrorText.of(e), e);
    }
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.of(save.get() ? Role.OPERATOR : Role.VIEWER);
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    PathTable paths = new PathTable(call.database());
    PathTable.Row row = PathTexts.find(paths, id.get());
    if (save.get()) {
      call.writableDatabase(); // what cannot be saved is not measured
    }
    Path path = row.path();
    EndpointAddress target = target(path);
    OptionalInt port = udp.given() ? OptionalInt.of(udp.get()) : OptionalInt.empty();
    sayHowLong(call);
    boolean interrupted;
    Probe probe;
    try (WatchSignals _ = new WatchSignals(false)) {
      probe = probe(path, target, port);
      interrupted = Thread.interrupted();
    }
    Answer answer = new Answer();
    answer.note(sentence(paths.siteNames(), probe));
    answer.facts("probe", "", facts(call, probe), probe);
    boolean replies = probe.result().received() > 0;
    boolean saved = save.get() && replies && !interrupted && save(call, row, probe);
    answer.member("interrupted", interrupted).member("saved", saved);
    if (interrupted) {
      return answer
          .say("Interrupted." + (save.get() ? " Nothing was saved." : ""))
          .exit(ExitCode.INTERRUPTED);
    }
    if (!replies) {
      return answer.say(noReply(probe)).exit(ExitCode.FAILED);
    }
    return saved ? answer.say("Saved as a measurement of path " + path.id() + ".") : answer;
  }

  /// What there is to say; for programs, whether there is or not.
  private static List<Column<Probe>> facts(Invocation call, Probe probe) {
    List<Column<Probe>> facts = new ArrayList<>(FACTS);
    if (call.format() == Format.TABLE) {
      facts.removeIf(each -> each.equals(PORT) && probe.udpPort().isEmpty());
      facts.removeIf(each -> each.equals(ERROR) && probe.result().error().isEmpty());
    }
    return facts;
  }

  private static EndpointAddress target(Path path) {
    return EndpointAddress.parse(path.dstEndpoint())
        .filter(endpoint -> !java(endpoint).isAnyLocalAddress())
        .filter(endpoint -> !java(endpoint).isMulticastAddress())
        .orElseThrow(() ->
            new UserError(
                ExitCode.NOT_FOUND,
                "path "
                    + path.id()
                    + " has no address to probe: its endpoint is '"
                    + path.dstEndpoint()
                    + "'; correct it in the platform"));
  }

  private static InetAddress java(EndpointAddress endpoint) {
    try {
      return InetAddress.getByName(endpoint.ip().toString());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private void sayHowLong(Invocation call) {
    Duration series = plan.interval().multipliedBy(plan.count() - 1L);
    if (series.compareTo(LONG) > 0 && call.terminal().err()) {
      call.say(
          "This takes "
              + HumanFormat.seconds(series.toSeconds())
              + "; Ctrl-C ends it early and shows what was measured.");
    }
  }

  private Probe probe(Path path, EndpointAddress target, OptionalInt port) throws IOException {
    Optional<InetAddress> from =
        EndpointAddress.parse(path.srcEndpoint()).map(PathProbeCommand::java);
    try (ProbeSocket socket = open(java(target), port, from)) {
      IpAddress source = IpAddress.of(socket.source().getAddress());
      Prober.warmUp(socket);
      ProbeResult result = new Prober(plan).run(socket);
      return new Probe(path, target, port, Optional.of(source), result);
    } catch (NoRoute e) {
      return new Probe(
          path,
          target,
          port,
          Optional.empty(),
          new ProbeResult(0, List.of(), Optional.of(ErrorText.of(e))));
    }
  }

  /// There is no way to an address.
  private static final class NoRoute extends IOException {
    private static final long serialVersionUID = 1;

    NoRoute(String message, IOException cause) {
      super(message, cause);
    }
  }

  private static ProbeSocket open(InetAddress host, OptionalInt port, Optional<InetAddress> from)
      throws IOException {
    try {
      return port.isPresent()
          ? UdpProbe.open(new InetSocketAddress(host, port.getAsInt()), from)
          : IcmpProbe.open(host, from);
    } catch (CallFailed e) {
      if (e.errno() == CallFailed.EPERM || e.errno() == CallFailed.EACCES) {
        throw new UserError(
            ExitCode.REFUSED,
            "ICMP is not permitted for this user: net.ipv4.ping_group_range leaves out their"
                + " group, and CAP_NET_RAW is missing; use sudo, or --udp",
            e);
      }
      throw new NoRoute(Prober.reason(e), e);
    } catch (SocketException e) {
      throw new NoRoute(Prober.reason(e), e);
    }
  }

  private boolean save(Invocation call, PathTable.Row row, Probe probe) {
    Instant now = call.now().truncatedTo(ChronoUnit.SECONDS);
    Optional<PathMeasurement> before = row.latest();
    PathMeasurement measured =
        new PathMeasurement(
            now,
            probe.result().meanMillis().getAsDouble(),
            probe.result().jitterMillis().getAsDouble(),
            probe.result().lossPercent().getAsDouble(),
            before.map(PathMeasurement::bandwidthMbps).orElse(0.0),
            before.map(PathMeasurement::mtu).orElse(MTU),
            probe.score().get());
    if (!new PathTable(call.writableDatabase())
        .record(row.path().id(), measured, call.actor(), now)) {
      throw new UserError(
          ExitCode.NOT_FOUND,
          "path " + row.path().id() + " was deleted meanwhile; nothing was saved");
    }
    return true;
  }

  private String sentence(Map<String, String> names, Probe probe) {
    return "Path "
        + probe.path().id()
        + ", "
        + PathTexts.siteName(names, probe.path().srcSiteId())
        + " to "
        + PathTexts.siteName(names, probe.path().dstSiteId())
        + ": "
        + (probe.udpPort().isPresent() ? "UDP" : "ICMP echo")
        + " to "
        + probe.target().ip()
        + (probe.udpPort().isPresent() ? ", port " + probe.udpPort().getAsInt() : "")
        + ", every "
        + DurationText.format(plan.interval())
        + ", lost after "
        + DurationText.format(plan.timeout())
        + ".";
  }

  private String noReply(Probe probe) {
    ProbeResult result = probe.result();
    String reason = result.error().map(text -> " (" + text + ")").orElse("");
    String unsaved = save.get() ? " Nothing was saved." : "";
    return result.sent() == 0
        ? "There is no route to " + probe.target().ip() + reason + "." + unsaved
        : probe.target().ip() + " does not answer" + reason + "." + unsaved;
  }
}
